//! The errors of `clean-image`.

/// Why nothing is removed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CleanError {
    /// A synthetic image has no image of its own.
    #[error(
        "`{name}` is a synthetic image and has only containers to remove (--containers){}",
        target.as_ref().map(|target| format!(": `clean-image {target}` is about the image that it runs")).unwrap_or_default()
    )]
    Synthetic { name: String, target: Option<String> },
    /// A tag is by default the name of the user who has built the image.
    #[error("images tagged `{tag}` are those of the user {tag} of this machine, and stay")]
    OtherUser { tag: String },
    /// Whose tag it is on a dock is not known.
    #[error(
        "images tagged `{tag}` may be those of another user of the dock: leave out -f, and you are asked"
    )]
    UnknownTag { tag: String },
    /// The user has answered no.
    #[error("not confirmed, so nothing was removed")]
    NotConfirmed,
}
