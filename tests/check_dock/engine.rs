//! Engines that are down, refuse, are full, or are as they should be.

use dockerutils_testbed::{Engine, Version, engines};

use super::{assert_finding, check, faults, project};

#[test]
fn an_engine_that_is_down_is_a_problem_and_the_status_is_1() {
    let down =
        project().command("check-dock").docker_exits(1).env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    let (outcome, findings) = check(down);
    outcome.status(1);
    assert_finding(&findings, "engine.reachable", "problem", "no engine listens on /nowhere/docker.sock");
}

#[test]
fn a_socket_without_permission_is_a_problem() {
    let project = project();
    let socket = project.home().join("docker.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    std::fs::set_permissions(&socket, std::os::unix::fs::PermissionsExt::from_mode(0o0))
        .expect("permissions");
    let check_dock = env!("CARGO_BIN_EXE_check-dock");
    // Root may use every socket, unless it has lost its capabilities.
    let invocation = if nix::unistd::geteuid().is_root() {
        project.program("setpriv").arg("--bounding-set=-all").arg(check_dock)
    } else {
        project.command("check-dock")
    };
    let host = format!("unix://{}", socket.display());
    let (_, findings) = check(invocation.docker_exits(1).env("DOCKER_HOST", host));
    assert_finding(&findings, "engine.reachable", "problem", "may not use");
}

#[test]
fn a_clock_that_is_wrong_is_a_problem() {
    let info = r#"{"ServerVersion":"26.1.5","SystemTime":"2020-01-01T00:00:00Z","MemTotal":8000000000,"MemoryLimit":true}"#;
    let script = format!("case $1 in info) echo '{info}' ;; esac");
    let (_, findings) = check(project().command("check-dock").docker_runs(&script));
    assert_finding(&findings, "engine.clock", "problem", "differs from this machine's by");
}

#[test]
fn a_dry_run_prints_docker_s_calls_and_needs_no_docker() {
    let outcome = project().command("check-dock").arg("--dry-run").no_docker().run();
    outcome.status(0).stdout_is("");
    for line in [
        "docker info --format '{{json .}}'",
        "docker version --format '{{json .}}'",
        "check-dock --script | sh -c",
    ] {
        outcome.stderr_has(line);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_healthy_engine_and_project_are_silent() {
    let engine = Engine::start_with_flags(Version::V26, &["--log-driver", "local"])
        .unwrap_or_else(|reason| panic!("no engine: {reason}"));
    let (outcome, findings) = check(project().command("check-dock").uses(&engine));
    outcome.status(0);
    assert_eq!(faults(&findings), Vec::<String>::new());
    assert_finding(&findings, "client.buildx", "ok", "buildx");
    // The list for people has a line for each.
    let list = project().command("check-dock").uses(&engine).run();
    assert_eq!(list.status(0).stdout.lines().count(), findings.len());
}

#[test]
#[ignore = "needs root: private engine"]
fn an_engine_on_a_small_disk_has_too_little_space() {
    let engine =
        Engine::start_on_disk(Version::V26, 100).unwrap_or_else(|reason| panic!("no engine: {reason}"));
    let (outcome, findings) = check(project().command("check-dock").uses(&engine));
    outcome.status(1);
    assert_finding(&findings, "engine.space", "problem", "are free at");
}

#[test]
#[ignore = "needs root: private engine"]
fn a_client_without_buildx_logs_without_a_limit_and_an_old_api_are_found() {
    let engine = &engines()[1];
    let old = project().command("check-dock").uses(engine).env("DOCKER_API_VERSION", "1.10");
    let (outcome, findings) = check(old);
    outcome.status(1);
    assert_finding(&findings, "engine.api", "problem", "too old");
    let plain = project().command("check-dock").uses(engine).env("DOCKER_CONFIG", "/nowhere");
    let (outcome, findings) = check(plain);
    outcome.status(0);
    assert_finding(&findings, "client.buildx", "warning", "has no buildx");
    assert_finding(&findings, "engine.log-rotation", "warning", "without a limit");
}

/// What docker prints of a healthy engine that writes logs without a limit, on a machine of this name.
fn info(name: &str, more: &str) -> String {
    format!(
        r#"case $* in *DockerRootDir*) echo / ;; info*) echo '{{"ServerVersion":"26.1.5","Name":"{name}","Driver":"overlay2","LoggingDriver":"json-file","MemTotal":8000000000,"MemoryLimit":true{more}}}' ;; esac"#
    )
}

fn name_of_this_machine() -> String {
    project().program("uname").arg("-n").run().stdout.trim().to_owned()
}

#[test]
fn the_facts_of_this_machine_are_not_those_of_an_engine_elsewhere() {
    let own = name_of_this_machine();
    let has = |findings: &[serde_json::Value], id: &str| findings.iter().any(|finding| finding["id"] == id);
    let checked = |host: &str, name: &str| {
        check(project().command("check-dock").docker_runs(&info(name, "")).env("DOCKER_HOST", host)).1
    };
    let here = checked("unix:///nowhere/docker.sock", &own);
    assert!(has(&here, "engine.space"), "{here:#?}");
    for (host, name) in [
        ("tcp://build:2375", own.as_str()),
        ("ssh://ada@build", own.as_str()),
        ("unix:///nowhere/forwarded.sock", "build"),
    ] {
        let findings = checked(host, name);
        assert!(!has(&findings, "engine.space") && !has(&findings, "engine.inodes"), "{findings:#?}");
        assert_finding(&findings, "engine.log-rotation", "ok", "not known");
        assert_finding(&findings, "gpu.driver", "ok", "not known");
    }
}

#[test]
fn containers_that_end_when_the_machine_upgrades_its_engine_are_found_on_this_machine() {
    let own = name_of_this_machine();
    let upgrades = "#!/bin/sh\necho 'APT::Periodic::Unattended-Upgrade \"1\";'\n";
    let project = project().executable("bin/apt-config", upgrades);
    for (more, severity, evidence) in [
        ("", "warning", "containers end when the engine is restarted, as unattended upgrades do"),
        (",\"LiveRestoreEnabled\":true", "ok", "containers go on when the engine is restarted"),
    ] {
        let check_dock = project.command("check-dock").path_first(&project.root().join("bin"));
        let local =
            check_dock.docker_runs(&info(&own, more)).env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        assert_finding(&check(local).1, "engine.live-restore", severity, evidence);
    }
}

#[test]
fn podman_under_the_name_docker_has_no_engine_that_could_be_at_fault() {
    let podman = "#!/bin/sh\n[ \"$1\" != info ] || echo '{\"host\":{\"hostname\":\"x\"},\"version\":{\"Version\":\"5.4.2\"}}'\n";
    let project = project()
        .executable("bin/docker", "#!/bin/sh\nexec podman \"$@\"\n")
        .executable("bin/podman", podman);
    let check_dock = project.command("check-dock").path_first(&project.root().join("bin"));
    let (outcome, findings) = check(check_dock.env("DOCKER_HOST", "unix:///nowhere/docker.sock"));
    outcome.status(0);
    assert_finding(&findings, "client.docker", "ok", "which is podman");
    let of_engine: Vec<_> = findings
        .iter()
        .filter(|finding| finding["id"].as_str().is_some_and(|id| id.starts_with("engine.")))
        .collect();
    assert_eq!(of_engine.len(), 1, "{of_engine:#?}");
    assert_finding(&findings, "engine.reachable", "ok", "podman here, which needs no engine");
}

#[test]
fn without_a_project_docker_and_its_engine_are_checked() {
    let project = project();
    let check_dock = project.command("check-dock").docker_runs(&info(&name_of_this_machine(), ""));
    let (outcome, findings) =
        check(check_dock.dir(project.home()).env("DOCKER_HOST", "unix:///nowhere/docker.sock"));
    outcome.status(0);
    assert_finding(&findings, "engine.reachable", "ok", "Docker 26.1.5");
    let is_of_project =
        |finding: &serde_json::Value| finding["id"].as_str().is_some_and(|id| id.starts_with("project."));
    assert!(!findings.iter().any(is_of_project), "{findings:#?}");
}

#[test]
fn another_socket_that_the_user_may_use_is_named_and_is_the_fix_for_an_engine_that_is_down() {
    let project = project();
    let socket = project.home().join("docker.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let check_dock = || {
        let check_dock = project.command("check-dock").env("XDG_RUNTIME_DIR", project.home());
        check_dock.env("DOCKER_HOST", "unix:///nowhere/docker.sock")
    };
    let (_, findings) = check(check_dock().docker_runs(&info(&name_of_this_machine(), "")));
    let other = format!("another engine may listen on {}", socket.display());
    assert_finding(&findings, "client.socket", "ok", &other);
    let (_, findings) = check(check_dock().docker_exits(1));
    let reachable = super::finding(&findings, "engine.reachable");
    assert_eq!(reachable["fix"], format!("export DOCKER_HOST=unix://{}", socket.display()), "{reachable:#}");
}

#[test]
#[ignore = "needs root: private engine"]
fn a_storage_driver_that_copies_whole_layers_and_a_broken_plugin_are_found() {
    let engine =
        Engine::start_with_driver(Version::V26, "vfs").unwrap_or_else(|reason| panic!("no engine: {reason}"));
    let project = project().executable("config/cli-plugins/docker-compose", "no program\n");
    let check_dock = project.command("check-dock").uses(&engine);
    let (outcome, findings) = check(check_dock.env("DOCKER_CONFIG", project.root().join("config")));
    outcome.status(1);
    assert_finding(&findings, "engine.storage", "problem", "vfs in the classic image store: every layer");
    assert_finding(&findings, "client.compose", "warning", "the plugin compose cannot be used");
    assert_finding(&findings, "client.socket", "ok", "the engine runs as root");
}

/// Images that nothing uses take more than what is free on the disk, and then files take its inodes.
#[test]
#[ignore = "needs root: private engine"]
fn unused_images_and_used_up_inodes_of_a_small_disk_are_found() {
    let engine =
        Engine::start_on_disk(Version::V26, 200).unwrap_or_else(|reason| panic!("no engine: {reason}"));
    let project = project();
    let findings = || check(project.command("check-dock").uses(&engine)).1;
    assert_finding(&findings(), "engine.reclaimable", "ok", "images have");
    let archive = project.home().join("big.tar");
    let big = "head -c 110000000 /dev/urandom >big && tar -cf big.tar big && rm big";
    project.program("sh").args(["-c", big]).dir(project.home()).run().status(0);
    engine.docker(&["import", &archive.to_string_lossy(), "big:latest"]);
    assert_finding(&findings(), "engine.reclaimable", "warning", "of them without a container");
    engine.docker(&["rmi", "big:latest"]);
    engine.import_busybox("busybox:latest");
    let found = findings();
    assert_finding(&found, "engine.inodes", "ok", "inodes are free");
    let evidence = super::finding(&found, "engine.inodes")["evidence"].as_str().expect("a text").to_owned();
    let free: u64 = evidence.split(' ').next().and_then(|free| free.parse().ok()).expect("a number");
    let files = format!("mkdir /x && cd /x && seq 1 {} | xargs touch", free * 95 / 100);
    engine.docker(&["run", "--network", "none", "busybox:latest", "sh", "-c", &files]);
    assert_finding(&findings(), "engine.inodes", "warning", "inodes are free");
}
