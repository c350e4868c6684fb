//! BuildKit, where docker has it and takes its legacy builder all the same, unless `DOCKER_BUILDKIT` is set.
//!
//! That is docker from 18.09 up to 23.0. <https://docs.docker.com/build/buildkit/#getting-started>

use dockerutils_command::Command;

/// What decides between the builders, and is docker's own.
const VARIABLE: &str = "DOCKER_BUILDKIT";

/// The first version that has both, and the first that takes BuildKit by itself.
const BOTH: std::ops::Range<(u16, u16)> = (18, 9)..(23, 0);

/// Flags of `docker build` that BuildKit ignores, refuses, or (`--cache-from`) gives another meaning.
const LEGACY: [&str; 17] = [
    "--cache-from",
    "--cgroup-parent",
    "--compress",
    "--cpu-period",
    "--cpu-quota",
    "--cpu-shares",
    "--cpuset-cpus",
    "--cpuset-mems",
    "--force-rm",
    "--isolation",
    "--memory",
    "--memory-swap",
    "--rm",
    "--security-opt",
    "--shm-size",
    "--squash",
    "--ulimit",
];

/// The short ones of these; a value may follow at once.
const LEGACY_SHORT: [&str; 2] = ["-c", "-m"];

/// The networks that BuildKit can give to a build.
const NETWORKS: [&str; 3] = ["default", "host", "none"];

/// Whether the user says which builder is meant, be it that none is.
pub fn is_said() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Whether flags of `docker build` mean the same to both builders.
pub fn understands(flags: &[String]) -> bool {
    flags.iter().enumerate().all(|(index, word)| {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (word.as_str(), flags.get(index + 1).map(String::as_str)),
        };
        match flag {
            "--network" => value.is_some_and(|network| NETWORKS.contains(&network)),
            _ => !LEGACY.contains(&flag) && !LEGACY_SHORT.iter().any(|short| flag.starts_with(short)),
        }
    })
}

/// The same build, by BuildKit.
pub fn by_buildkit(build: Command) -> Command {
    build.env(VARIABLE, "1")
}

/// Asks docker's client what it is. No engine hears of it.
pub fn ask_client() -> Command {
    Command::new("docker").arg("--version")
}

/// Whether this client, as it answered, has both builders.
pub fn is_in_client(answer: &[u8]) -> bool {
    let text = std::str::from_utf8(answer).ok().and_then(|text| text.strip_prefix("Docker version "));
    text.and_then(|text| text.split_once(", build ")).is_some_and(|(version, _)| has_both(version))
}

/// Asks the engine what it is, and what it runs containers with.
pub fn ask_engine() -> Command {
    Command::new("docker").args(["info", "--format", "{{.ServerVersion}} {{.DefaultRuntime}}"])
}

/// Whether this engine, as it answered, has both builders and they do the same.
///
/// The legacy builder runs a build's commands as the engine runs containers, BuildKit always with runc. Where another
/// runtime brings the GPU, BuildKit has none.
pub fn is_in_engine(answer: &[u8]) -> bool {
    let text = std::str::from_utf8(answer).ok().and_then(|text| text.trim_end().split_once(' '));
    text.is_some_and(|(version, runtime)| has_both(version) && runtime == "runc")
}

/// Whether `MAJOR.MINOR.PATCH`, with whatever a distribution puts behind it, is in the range.
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

    #[test]
    fn a_client_has_both_from_18_09_up_to_23() {
        let has =
            |version: &str| is_in_client(format!("Docker version {version}, build 297e128\n").as_bytes());
        for version in ["18.09.0", "19.03.15", "20.10.24+dfsg1", "20.10.0-rc1", "22.06.0-beta.0"] {
            assert!(has(version), "{version}");
        }
        for version in ["17.12.1-ce", "18.06.3-ce", "23.0.0", "26.1.5+dfsg1", "28.2.2"] {
            assert!(!has(version), "{version}");
        }
        for version in
            ["", "20", "20.10", "20.10.", "20.10.x", "+20.10.1", "20.+10.1", "20..1", "v20.10.1", " 20.10.1"]
        {
            assert!(!has(version), "{version} is no version");
        }
    }

    #[test]
    fn what_is_not_dockers_answer_says_nothing() {
        let answers = [
            "",
            "20.10.24",
            "Docker version 20.10.24",
            "docker version 20.10.24, build 1",
            "podman version 20.10.1, build 1",
            "Emulate Docker CLI using podman.\nDocker version 20.10.24, build 1",
        ];
        for answer in answers {
            assert!(!is_in_client(answer.as_bytes()), "{answer}");
        }
        assert!(!is_in_client(b"Docker version 20.10.24, build \xff"));
    }

    #[test]
    fn an_engine_has_both_if_runc_is_what_it_runs_containers_with() {
        for answer in ["20.10.24+dfsg1 runc\n", "18.09.1 runc\n"] {
            assert!(is_in_engine(answer.as_bytes()), "{answer}");
        }
        for answer in
            ["20.10.24+dfsg1 nvidia\n", "18.06.3-ce runc\n", "26.1.5 runc\n", " \n", "", "20.10.24 \n"]
        {
            assert!(!is_in_engine(answer.as_bytes()), "{answer}");
        }
    }

    #[test]
    fn flags_that_mean_the_same_to_both() {
        let understood = |flags: &str| understands(&flags.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for flags in [
            "",
            "--no-cache -q",
            "--build-arg memory=1",
            "--label a=--rm",
            "--network host",
            "--network=none",
        ] {
            assert!(understood(flags), "{flags}");
        }
        for flags in
            ["--squash", "-q --memory 4g", "--shm-size=1g", "-m 4g", "-m4g", "-c 512", "--compress=true"]
        {
            assert!(!understood(flags), "{flags}");
        }
        for flags in ["--network mine", "--network=container:x", "--network"] {
            assert!(!understood(flags), "{flags}");
        }
    }
}
