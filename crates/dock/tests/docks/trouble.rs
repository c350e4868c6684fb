//! What ssh and docker say, and what it means; words of OpenSSH 9.2 and of docker 20.10 to 28.

use std::path::Path;

use dockerutils_dock::{Dock, Trouble};

fn told(status: i32, stderr: &str) -> Trouble {
    Trouble::of(Some(status), stderr.as_bytes(), Path::new("/h/known_hosts"))
}

#[test]
fn ssh_and_docker_are_understood() {
    let changed = |file: &str| {
        format!(
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nOffending key in {file}:1\nHost key verification failed.\n"
        )
    };
    for (status, stderr, trouble) in [
        (255, "ssh: Could not resolve hostname x: Name or service not known", Trouble::UnknownHost),
        (255, "ssh: connect to host x port 22: Connection timed out", Trouble::NoAnswer),
        (255, "ssh: connect to host x port 22: Operation timed out", Trouble::NoAnswer),
        (255, "Connection timed out during banner exchange", Trouble::NoAnswer),
        (255, "ssh: connect to host x port 22: No route to host", Trouble::NoAnswer),
        (255, "ssh: connect to host x port 22: Network is unreachable", Trouble::NoAnswer),
        (255, "ssh: connect to host x port 22: Connection refused", Trouble::Refused),
        (255, "kex_exchange_identification: Connection closed by remote host", Trouble::Closed),
        (255, "kex_exchange_identification: read: Connection reset by peer", Trouble::Closed),
        (255, &changed("/h/known_hosts"), Trouble::HostKeyChanged),
        (255, &changed("/u/.ssh/known_hosts"), Trouble::HostKeyOnTheWay),
        (
            255,
            "Host key verification failed.\nkex_exchange_identification: Connection closed by remote host",
            Trouble::HostKeyOnTheWay,
        ),
        (255, "me@x: Permission denied (publickey,password).", Trouble::KeyRefused),
        (255, "Received disconnect from x port 22:2: Too many authentication failures", Trouble::KeyRefused),
        (127, "bash: line 1: docker: command not found", Trouble::NoDocker),
        (126, "sh: 1: docker: Permission denied", Trouble::NoDocker),
        (
            1,
            "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            Trouble::NotInDockerGroup,
        ),
        (
            1,
            "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
            Trouble::NotInDockerGroup,
        ),
        (
            1,
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            Trouble::EngineDown,
        ),
        (
            1,
            "failed to connect to the docker API at unix:///var/run/docker.sock; check if the daemon is running",
            Trouble::EngineDown,
        ),
        (
            1,
            "This account is\u{1b}[2J not available.\n\n",
            Trouble::Other("This account is[2J not available.".into()),
        ),
        (255, "", Trouble::Other("it gave no reason".into())),
    ] {
        assert_eq!(told(status, stderr), trouble, "{stderr}");
    }
}

#[test]
fn a_jump_host_is_named() {
    let direct = Dock::new("10.0.0.1".parse().unwrap());
    let jumping = Dock { jump: "gate".parse().ok(), ..direct.clone() };
    assert!(!Trouble::Refused.sentence(&direct).contains("gate"));
    assert!(Trouble::Refused.sentence(&jumping).ends_with("it may be gate, on the way there, as well"));
    assert!(!Trouble::EngineDown.sentence(&jumping).contains("gate"));
}
