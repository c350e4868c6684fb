//! Which layers of an image are sent, and the temporary tag that keeps an image on a host until it is verified.

use dockerutils_oci::Digest;

use crate::Image;

/// The repository of temporary tags.
const HOLD: &str = "dockerutils-transfer";

/// Which layers are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// Those that a host lacks.
    Missing,
    /// Those that a host still lacks after a layer was lost, in one archive, and the image with a temporary tag.
    Rest,
    /// All layers, even those that a host has.
    All,
    /// All layers in one archive, and the image with a temporary tag: so it does not depend on what other programs on
    /// the host remove meanwhile, such as a `docker image prune` that runs in a loop.
    Whole,
}

impl Coverage {
    /// Returns whether the host's own layers are used.
    pub(crate) fn uses_layers_of_host(self) -> bool {
        matches!(self, Coverage::Missing | Coverage::Rest)
    }

    /// Returns whether the image arrives in one archive, with a temporary tag.
    pub(crate) fn is_held(self) -> bool {
        matches!(self, Coverage::Rest | Coverage::Whole)
    }
}

/// Returns the temporary tag of an image. `None` for an image that gets no other tag: without any, docker would remove it
/// together with this one.
pub(crate) fn hold_tag(image: &Image) -> Option<String> {
    (!image.references.is_empty()).then(|| hold_name(image.id))
}

fn hold_name(id: Digest) -> String {
    format!("{HOLD}:{}", &id.hex()[..12])
}

#[cfg(test)]
mod tests {
    use dockerutils_oci::{Platform, Reference};

    use super::*;

    #[test]
    fn an_image_with_a_name_has_a_temporary_tag_that_docker_accepts() {
        let platform = Platform::new("linux", "amd64");
        let references = vec!["a:1".to_owned()];
        let image = Image { id: Digest::of("image"), references, platform, size: 0, layers: Vec::new() };
        let tag = hold_tag(&image).unwrap();
        assert_eq!(Reference::parse(&tag).unwrap().to_string(), tag);
        assert_eq!(hold_tag(&Image { references: Vec::new(), ..image }), None);
    }
}
