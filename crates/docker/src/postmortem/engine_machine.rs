//! The machine that an engine runs on.

use dockerutils_command::Command;
use serde::Deserialize;

use crate::error::Error;

/// The machines that the kernel and Go have different names for. <https://go.dev/doc/install/source#environment>
const ARCHITECTURES: [(&str, &str); 5] =
    [("x86_64", "amd64"), ("aarch64", "arm64"), ("armv7l", "arm"), ("armv6l", "arm"), ("i686", "386")];

/// What the engine knows of its machine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EngineMachine {
    /// The memory in bytes.
    pub memory: u64,
    /// The architecture in Go's words, as images have it.
    pub architecture: String,
}

/// Returns the command whose output [`EngineMachine::parse`] reads.
pub fn inspect_engine_machine() -> Command {
    Command::new("docker").args(["info", "--format", "[{{json .MemTotal}},{{json .Architecture}}]"])
}

/// Returns the command that prints the architecture of an image, which may have an ID as its name.
pub fn inspect_image_architecture(image: &str) -> Command {
    Command::new("docker").args(["image", "inspect", "--format", "{{.Architecture}}", image])
}

impl EngineMachine {
    /// Parses the output of [`inspect_engine_machine`].
    ///
    /// # Errors
    /// Fails if the output is not in the documented format.
    pub fn parse(output: &[u8]) -> Result<Self, Error> {
        let mut machine: EngineMachine = serde_json::from_slice(output)?;
        let known = ARCHITECTURES.iter().find(|(kernel, _)| *kernel == machine.architecture);
        if let Some((_, go)) = known {
            (*go).clone_into(&mut machine.architecture);
        }
        Ok(machine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_architecture_has_the_same_name_as_that_of_an_image() {
        let parse = |text: &str| EngineMachine::parse(text.as_bytes()).map(|machine| machine.architecture);
        assert_eq!(parse("[2033557504,\"x86_64\"]\n").unwrap(), "amd64");
        assert_eq!(parse("[1,\"aarch64\"]").unwrap(), "arm64");
        assert_eq!(parse("[1,\"riscv64\"]").unwrap(), "riscv64");
        assert!(parse("[-1,\"x\"]").is_err() && parse("").is_err());
    }
}
