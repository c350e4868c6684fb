//! The diagnosis of messages of OpenSSH 9.2 and of docker 20.10 to 28.

use std::path::Path;

use dockerutils_dock::{Dock, DockFault};
use dockerutils_ssh::SshFault;

fn diagnose(status: i32, stderr: &str) -> DockFault {
    DockFault::diagnose(Some(status), stderr.as_bytes(), Path::new("/h/known_hosts"))
}

#[test]
fn messages_of_ssh_and_docker_are_diagnosed() {
    let changed = |file: &str| {
        format!(
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nOffending key in {file}:1\nHost key verification failed.\n"
        )
    };
    for (status, stderr, fault) in [
        (
            255,
            "ssh: Could not resolve hostname x: Name or service not known",
            DockFault::Ssh(SshFault::UnknownHost),
        ),
        (255, "ssh: connect to host x port 22: Connection timed out", DockFault::Ssh(SshFault::NoResponse)),
        (255, "ssh: connect to host x port 22: Operation timed out", DockFault::Ssh(SshFault::NoResponse)),
        (255, "Connection timed out during banner exchange", DockFault::Ssh(SshFault::NoResponse)),
        (255, "ssh: connect to host x port 22: No route to host", DockFault::Ssh(SshFault::NoResponse)),
        (255, "ssh: connect to host x port 22: Network is unreachable", DockFault::Ssh(SshFault::NoResponse)),
        (255, "ssh: connect to host x port 22: Connection refused", DockFault::Ssh(SshFault::Refused)),
        (
            255,
            "kex_exchange_identification: Connection closed by remote host",
            DockFault::Ssh(SshFault::Closed),
        ),
        (
            255,
            "kex_exchange_identification: read: Connection reset by peer",
            DockFault::Ssh(SshFault::Closed),
        ),
        (255, &changed("/h/known_hosts"), DockFault::Ssh(SshFault::HostKeyChanged)),
        (255, &changed("/u/.ssh/known_hosts"), DockFault::Ssh(SshFault::JumpHostKey)),
        (
            255,
            "Host key verification failed.\nkex_exchange_identification: Connection closed by remote host",
            DockFault::Ssh(SshFault::JumpHostKey),
        ),
        (255, "me@x: Permission denied (publickey,password).", DockFault::Ssh(SshFault::KeyRefused)),
        (
            255,
            "Received disconnect from x port 22:2: Too many authentication failures",
            DockFault::Ssh(SshFault::KeyRefused),
        ),
        (127, "bash: line 1: docker: command not found", DockFault::NoDocker),
        (126, "sh: 1: docker: Permission denied", DockFault::NoDocker),
        (
            1,
            "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            DockFault::NotInDockerGroup,
        ),
        (
            1,
            "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
            DockFault::NotInDockerGroup,
        ),
        (
            1,
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            DockFault::EngineDown,
        ),
        (
            1,
            "failed to connect to the docker API at unix:///var/run/docker.sock; check if the daemon is running",
            DockFault::EngineDown,
        ),
        (
            1,
            "This account is\u{1b}[2J not available.\n\n",
            DockFault::Other("This account is\\x1b[2J not available.".into()),
        ),
        (255, "", DockFault::Other("no reason was given".into())),
    ] {
        assert_eq!(diagnose(status, stderr), fault, "{stderr}");
    }
}

#[test]
fn a_fault_that_may_be_that_of_a_jump_host_names_it() {
    let direct = Dock::new("10.0.0.1".parse().unwrap());
    let jumping = Dock { jump: "gate".parse().ok(), ..direct.clone() };
    assert!(!DockFault::Ssh(SshFault::Refused).sentence(&direct).contains("gate"));
    assert!(
        DockFault::Ssh(SshFault::Refused)
            .sentence(&jumping)
            .ends_with("the fault may also be that of the jump host gate")
    );
    assert!(!DockFault::EngineDown.sentence(&jumping).contains("gate"));
}

#[test]
fn the_remedy_for_an_instance_is_to_start_it() {
    let gpu = crate::instance_dock("10.80.0.2", "gpu", "i-0a");
    let parked = crate::instance_dock("i-0a", "gpu", "i-0a");
    for (fault, dock, sentence) in [
        (SshFault::UnknownHost, &parked, "gpu has no address: `start-dock gpu`"),
        (
            SshFault::NoResponse,
            &gpu,
            "gpu does not respond at 10.80.0.2: check with ls-dock whether it runs; `start-dock gpu` starts it, and opens \
             its firewall for your present address",
        ),
        (
            SshFault::HostKeyChanged,
            &gpu,
            "the machine at 10.80.0.2 is not gpu, or the connection is intercepted: if gpu was stopped, `start-dock gpu` \
             finds its new address",
        ),
    ] {
        assert_eq!(DockFault::Ssh(fault).sentence(dock), sentence);
    }
    let refusal = "No ED25519 host key is known for i-0a and you have requested strict checking.";
    assert_eq!(diagnose(255, refusal), DockFault::HostKeyNotStored);
}
