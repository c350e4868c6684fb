//! The errors of `transfer-image`.

/// Why images were not transferred.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransferError {
    /// The transfer failed.
    #[error("{0}")]
    Transfer(#[from] dockerutils_transfer::Error),
    /// The word is neither a dock nor a destination for ssh.
    #[error(
        "`{0}` is not a valid host: expected the moniker or address of a dock (see ls-dock), user@host:port, or ssh://user@host:port"
    )]
    InvalidHost(String),
    /// A bundle has names that other images of the engine have.
    #[error(
        "other images of this engine have the names {0}: --move-tags gives them to the images of the file"
    )]
    NamesTaken(String),
    /// The reference after `--as` cannot be a name.
    #[error("--as: {0}")]
    InvalidReference(String),
    /// ssh does not know the host key, or knows another one.
    #[error("the host key of {0} is unknown or has changed: run `ssh {0}` once, which shows it")]
    HostKey(String),
    /// A host that is not a dock accepts none of the user's keys.
    #[error(
        "{0} accepts none of your keys: check the user (user@host) and -i KEY, and load a key that has a passphrase with `ssh-add`"
    )]
    KeyRefused(String),
    /// A failure of a dock whose cause check-dock finds.
    #[error(transparent)]
    OfDock(Box<TransferError>),
    /// A host cannot be reached; the sentence contains the fault and its remedy.
    #[error("{0}")]
    Unreachable(String),
}
