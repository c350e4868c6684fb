//! Whether docker has BuildKit, but uses its legacy builder unless `DOCKER_BUILDKIT` is set.
//!
//! That is docker from 18.09 up to 23.0. <https://docs.docker.com/build/buildkit/#getting-started>

use dockerutils_command::Command;

use crate::flags::Flag;

/// Docker's own variable that selects the builder.
const VARIABLE: &str = "DOCKER_BUILDKIT";

/// From the first version with both builders to the first that uses BuildKit by default.
const BOTH: std::ops::Range<(u16, u16)> = (18, 9)..(23, 0);

/// Flags of `docker build` that BuildKit ignores or refuses, or (`--cache-from`) treats differently.
const LEGACY: [&str; 19] = [
    "c",
    "cache-from",
    "cgroup-parent",
    "compress",
    "cpu-period",
    "cpu-quota",
    "cpu-shares",
    "cpuset-cpus",
    "cpuset-mems",
    "force-rm",
    "isolation",
    "m",
    "memory",
    "memory-swap",
    "rm",
    "security-opt",
    "shm-size",
    "squash",
    "ulimit",
];

/// The networks that BuildKit supports for a build.
const NETWORKS: [&str; 3] = ["default", "host", "none"];

/// Returns whether the user has set the variable that selects the builder. An empty value also is a choice.
pub fn is_builder_chosen() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Returns whether flags of `docker build` have the same meaning for both builders.
pub(crate) fn supports_flags(flags: &[Flag]) -> bool {
    flags.iter().all(|(name, value)| match *name {
        "network" => value.is_some_and(|network| NETWORKS.contains(&network)),
        _ => !LEGACY.contains(name),
    })
}

/// Returns the same build, done by BuildKit unless the user has chosen a builder.
pub(crate) fn unless_chosen(build: Command) -> Command {
    if is_builder_chosen() { build } else { with_buildkit(build) }
}

/// Returns the same build, done by BuildKit.
pub fn with_buildkit(build: Command) -> Command {
    build.env(VARIABLE, "1")
}

/// Returns the command that prints the version of docker's client. It does not contact the engine.
pub fn client_query() -> Command {
    Command::new("docker").arg("--version")
}

/// Returns whether the client with this output of [`client_query`] has both builders and uses the legacy one by
/// default.
pub fn client_prefers_legacy(output: &[u8]) -> bool {
    // podman's emulation of docker prints another name, or a line of its own before.
    let text = std::str::from_utf8(output).ok().and_then(|text| text.strip_prefix("Docker version "));
    text.and_then(|text| text.split_once(", build ")).is_some_and(|(version, _)| has_both(version))
}

/// Returns the command that prints the version and the default runtime of the engine.
pub fn engine_query() -> Command {
    Command::new("docker").args(["info", "--format", "{{.ServerVersion}} {{.DefaultRuntime}}"])
}

/// Returns whether the engine with this output of [`engine_query`] has both builders, with the same effect.
///
/// The legacy builder runs the commands of a build with the engine's default runtime, BuildKit always with runc. If
/// another runtime provides the GPU, a build by BuildKit has none.
pub fn engine_has_equal_builders(output: &[u8]) -> bool {
    let text = std::str::from_utf8(output).ok().and_then(|text| text.trim_end().split_once(' '));
    text.is_some_and(|(version, runtime)| has_both(version) && runtime == "runc")
}

/// Returns whether `MAJOR.MINOR.PATCH` is in the range; distributions append text to the patch number.
fn has_both(version: &str) -> bool {
    let mut parts = version.splitn(3, '.');
    let mut number =
        || parts.next().filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok();
    let (Some(major), Some(minor)) = (number(), number()) else { return false };
    let has_patch = parts.next().is_some_and(|patch| patch.starts_with(|c: char| c.is_ascii_digit()));
    has_patch && BOTH.contains(&(major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::{BUILD_SWITCHES, flags};

    #[test]
    fn a_client_has_both_from_18_09_up_to_23() {
        let has = |version: &str| {
            client_prefers_legacy(format!("Docker version {version}, build 297e128\n").as_bytes())
        };
        for version in ["18.09.0", "19.03.15", "20.10.24+dfsg1", "20.10.0-rc1", "22.06.0-beta.0"] {
            assert!(has(version), "{version}");
        }
        for version in ["17.12.1-ce", "18.06.3-ce", "23.0.0", "26.1.5+dfsg1", "28.2.2"] {
            assert!(!has(version), "{version}");
        }
        for version in
            ["", "20", "20.10", "20.10.", "20.10.x", "+20.10.1", "20.+10.1", "20..1", "v20.10.1", " 20.10.1"]
        {
            assert!(!has(version), "{version} is not a version");
        }
    }

    #[test]
    fn a_client_with_another_output_has_no_known_builder() {
        let outputs = [
            "",
            "20.10.24",
            "Docker version 20.10.24",
            "docker version 20.10.24, build 1",
            "podman version 20.10.1, build 1",
            "Emulate Docker CLI using podman.\nDocker version 20.10.24, build 1",
        ];
        for output in outputs {
            assert!(!client_prefers_legacy(output.as_bytes()), "{output}");
        }
        assert!(!client_prefers_legacy(b"Docker version 20.10.24, build \xff"));
    }

    #[test]
    fn an_engine_has_equal_builders_if_its_default_runtime_is_runc() {
        for output in ["20.10.24+dfsg1 runc\n", "18.09.1 runc\n"] {
            assert!(engine_has_equal_builders(output.as_bytes()), "{output}");
        }
        for output in
            ["20.10.24+dfsg1 nvidia\n", "18.06.3-ce runc\n", "26.1.5 runc\n", " \n", "", "20.10.24 \n"]
        {
            assert!(!engine_has_equal_builders(output.as_bytes()), "{output}");
        }
    }

    #[test]
    fn flags_of_the_legacy_builder_are_recognized() {
        let supported = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            supports_flags(&flags(&words, &BUILD_SWITCHES))
        };
        for flags in [
            "",
            "--no-cache -q",
            "--build-arg memory=1",
            "--label a=--rm",
            "--label --rm",
            "--network host",
            "--network=none",
        ] {
            assert!(supported(flags), "{flags}");
        }
        for flags in
            ["--squash", "-q --memory 4g", "--shm-size=1g", "-m 4g", "-m4g", "-c 512", "--compress=true"]
        {
            assert!(!supported(flags), "{flags}");
        }
        for flags in ["--network mine", "--network=container:x", "--network"] {
            assert!(!supported(flags), "{flags}");
        }
    }
}
