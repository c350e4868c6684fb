//! Docker's command line on this machine: the program, its plugins, which engine it uses and why, and its configuration.

use std::path::PathBuf;

use dockerutils_docker::engine::{Endpoint, EndpointSource, endpoint};
use dockerutils_docker::{ClientConfig, InvalidClientConfig, MissingHelper, find_docker, is_podman};

use crate::docker_output::{Info, Plugin, Versions};
use crate::{Finding, MachineFacts};

const SOCKET: &str = "client.socket";

/// How docker is installed.
const INSTALL: &str = "sudo apt-get install docker.io   # or follow https://docs.docker.com/engine/install/";

/// What is known about docker's command line.
#[derive(Debug)]
pub struct ClientFacts {
    /// The first `docker` on PATH.
    pub docker: Option<PathBuf>,
    /// Whether it is podman.
    pub is_podman: bool,
    /// Which engine it uses.
    pub endpoint: Endpoint,
    /// The credential helpers that its configuration names and that are not installed.
    pub config: Result<Vec<MissingHelper>, InvalidClientConfig>,
}

impl ClientFacts {
    /// Reads the environment and docker's configuration.
    pub fn gather() -> Self {
        ClientFacts {
            docker: find_docker(),
            is_podman: is_podman(),
            endpoint: endpoint(),
            config: ClientConfig::read_strictly().map(|config| config.missing_helpers()),
        }
    }

    /// Judges docker's command line. `info` and `versions` are what it has printed.
    pub fn judge(&self, info: Option<&Info>, versions: Option<&Versions>) -> Vec<Finding> {
        let Some(docker) = &self.docker else {
            let missing = Finding::problem("client.docker", "no program `docker` is on PATH");
            return vec![missing.fix(INSTALL), self.config_file(), self.helpers()];
        };
        let version = versions.map_or("of an unknown version", |versions| versions.client.version.as_str());
        let podman = if self.is_podman { ", which is podman" } else { "" };
        let mut findings =
            vec![Finding::ok("client.docker", format!("docker {version} at {}{podman}", docker.display()))];
        findings.extend(info.filter(|_| !self.is_podman).into_iter().flat_map(plugins));
        findings.extend([self.endpoint(), self.config_file(), self.helpers()]);
        findings
    }

    /// Judges the socket of this machine's engine.
    pub fn judge_socket(&self, info: Option<&Info>, machine: &MachineFacts) -> Option<Finding> {
        match info.filter(|info| info.is_reached()) {
            Some(info) => Some(self.socket(info, machine)),
            None => self.desktop(),
        }
    }

    /// Names the kind of engine that listens on the socket, and others that this user may use.
    fn socket(&self, info: &Info, machine: &MachineFacts) -> Finding {
        let host = self.endpoint.host.as_deref();
        let used = host.and_then(|host| host.strip_prefix("unix://")).unwrap_or_default();
        let others: Vec<&str> = machine.all("socket").filter(|socket| *socket != used).collect();
        let others = match others.first() {
            Some(_) if !used.is_empty() => format!("; another engine may listen on {}", others.join(", ")),
            _ => String::new(),
        };
        Finding::ok(SOCKET, format!("{}{others}", kind(info)))
    }

    fn endpoint(&self) -> Finding {
        let Endpoint { source, host } = &self.endpoint;
        let Some(host) = host else {
            let EndpointSource::Context { name, named_by } = source else {
                return Finding::ok("client.endpoint", "not known");
            };
            let evidence = format!("{named_by} names the context `{name}`, which does not exist");
            // The variable comes before what `docker context use` sets.
            let fix = if *named_by == "DOCKER_CONTEXT" {
                "docker context ls; unset DOCKER_CONTEXT"
            } else {
                "docker context ls; docker context use default"
            };
            return Finding::problem("client.endpoint", evidence).fix(fix);
        };
        let why = match source {
            EndpointSource::Host => "DOCKER_HOST".to_owned(),
            EndpointSource::Context { name, named_by } => format!("the context `{name}` of {named_by}"),
            EndpointSource::Default => "docker's default".to_owned(),
        };
        Finding::ok("client.endpoint", format!("{host} ({why})"))
    }

    /// Finds a desktop whose virtual machine does not run.
    fn desktop(&self) -> Option<Finding> {
        let host = self.endpoint.host.as_deref()?;
        let is_desktop = ["/.docker/desktop/", "/.docker/run/", "/.rd/", "/.orbstack/", "/.colima/"];
        if !is_desktop.iter().any(|folder| host.contains(folder)) {
            return None;
        }
        let evidence = format!("docker uses the engine of a desktop ({host}), which does not run");
        let start = match host {
            _ if host.contains("/.colima/") => "colima start",
            _ if host.contains("/.rd/") => "rdctl start",
            _ if host.contains("/.orbstack/") => "orb start",
            _ if cfg!(target_os = "macos") => "open -a Docker",
            _ => "systemctl --user start docker-desktop",
        };
        Some(Finding::problem("client.desktop", evidence).fix(start))
    }

    fn config_file(&self) -> Finding {
        match &self.config {
            Ok(_) => Finding::ok("client.config", "config.json is valid, or there is none"),
            Err(invalid) => Finding::problem("client.config", format!("docker cannot read {invalid}"))
                .fix(format!("${{EDITOR:-vi}} {}", invalid.file.display())),
        }
    }

    fn helpers(&self) -> Finding {
        let id = "client.credential-helpers";
        let Ok([first, ..]) = self.config.as_deref() else {
            return Finding::ok(id, "every credential helper that config.json names is installed");
        };
        let MissingHelper { key, program } = first;
        let evidence = format!("config.json names {program} under {key}, and no such program is on PATH");
        // docker runs the helper of `credsStore` for every registry, and fails without it even where no login is needed.
        let finding = if *key == "credsStore" { Finding::problem } else { Finding::warning }(id, evidence);
        finding.fix(format!("${{EDITOR:-vi}} ~/.docker/config.json   # remove {key}, or install {program}"))
    }
}

fn plugins(info: &Info) -> Vec<Finding> {
    let plugin = |name: &str| info.client_info.plugins.iter().find(|plugin| plugin.name == name);
    let installed = |id, name: &str, Plugin { version, err, .. }: &Plugin| match err {
        None => Finding::ok(id, format!("{name} {version}")),
        Some(error) => Finding::warning(id, format!("the plugin {name} cannot be used: {error}"))
            .fix(format!("reinstall docker-{name}-plugin")),
    };
    let buildx = match plugin("buildx") {
        Some(found) => installed("client.buildx", "buildx", found),
        None => {
            let evidence = "docker has no buildx, so it builds with the legacy builder, or not at all";
            Finding::warning("client.buildx", evidence)
                .fix("sudo apt-get install docker-buildx   # or docker-buildx-plugin")
        }
    };
    let compose = match plugin("compose") {
        Some(found) => installed("client.compose", "compose", found),
        None => Finding::ok("client.compose", "not installed (these commands do not use it)"),
    };
    vec![buildx, compose]
}

/// Names the kind of a dock's engine; `None` if the engine is not reached.
pub fn judge_socket_of_dock(info: Option<&Info>) -> Option<Finding> {
    info.filter(|info| info.is_reached()).map(|info| Finding::ok(SOCKET, kind(info)))
}

fn kind(info: &Info) -> &'static str {
    match (info.is_desktop(), info.is_rootless()) {
        (true, _) => "the engine of a desktop's virtual machine",
        (_, true) => "rootless: the engine has your permissions only",
        _ => "the engine runs as root, so everyone who may use its socket is root on that machine",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity::{Ok, Problem, Warning};
    use crate::finding::severity;

    fn client(host: &str, source: EndpointSource) -> ClientFacts {
        ClientFacts {
            docker: Some(PathBuf::from("/usr/bin/docker")),
            is_podman: false,
            endpoint: Endpoint { source, host: Some(host.to_owned()).filter(|host| !host.is_empty()) },
            config: Result::Ok(Vec::new()),
        }
    }

    fn info(plugins: &str) -> Info {
        let json = format!(r#"{{"ServerVersion":"26.1.5","ClientInfo":{{"Plugins":[{plugins}]}}}}"#);
        Info::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn plugins_that_are_missing_or_broken_are_warnings() {
        let client = client("unix:///var/run/docker.sock", EndpointSource::Default);
        let buildx = r#"{"Name":"buildx","Version":"0.13.1"}"#;
        let broken = r#"{"Name":"compose","Err":"fork/exec: no such file"}"#;
        for (plugins, expected) in [
            (buildx.to_owned(), [Ok, Ok]),
            (String::new(), [Warning, Ok]),
            (format!("{buildx},{broken}"), [Ok, Warning]),
        ] {
            let findings = client.judge(Some(&info(&plugins)), None);
            let found = ["client.buildx", "client.compose"].map(|id| severity(&findings, id));
            assert_eq!(found, expected, "{plugins}");
        }
    }

    #[test]
    fn a_context_that_does_not_exist_is_a_problem() {
        let context = |host: &str| {
            let source = EndpointSource::Context { name: "x".to_owned(), named_by: "config.json" };
            severity(&client(host, source).judge(None, None), "client.endpoint")
        };
        assert_eq!((context(""), context("tcp://10.0.0.5:2376")), (Problem, Ok));
        for (named_by, last) in
            [("config.json", "docker context use default"), ("DOCKER_CONTEXT", "unset DOCKER_CONTEXT")]
        {
            let source = EndpointSource::Context { name: "x".to_owned(), named_by };
            let findings = client("", source).judge(None, None);
            let endpoint = findings.iter().find(|finding| finding.id == "client.endpoint").unwrap();
            assert!(endpoint.fix.as_ref().unwrap().to_string().ends_with(last), "{endpoint:?}");
        }
    }

    #[test]
    fn each_desktop_is_started_in_its_own_way() {
        for (folder, fix) in
            [(".colima/default", "colima start"), (".rd", "rdctl start"), (".orbstack/run", "orb start")]
        {
            let socket = format!("unix:///home/ada/{folder}/docker.sock");
            let desktop = client(&socket, EndpointSource::Host).judge_socket(None, &MachineFacts::default());
            assert_eq!(desktop.unwrap().fix.unwrap().to_string(), fix);
        }
    }

    #[test]
    fn a_desktop_that_does_not_run_is_a_problem() {
        let source = || EndpointSource::Context { name: "desktop-linux".to_owned(), named_by: "config.json" };
        let desktop = client("unix:///home/ada/.docker/desktop/docker.sock", source());
        let machine = MachineFacts::default();
        assert_eq!(desktop.judge_socket(None, &machine).unwrap().id, "client.desktop");
        assert_eq!(desktop.judge_socket(Some(&info("")), &machine).unwrap().severity, Ok);
        assert_eq!(
            client("unix:///var/run/docker.sock", EndpointSource::Default).judge_socket(None, &machine),
            None
        );
    }

    #[test]
    fn the_kind_of_the_socket_is_named() {
        let client = client("unix:///var/run/docker.sock", EndpointSource::Default);
        let rootless = Info::parse(br#"{"ServerVersion":"26","SecurityOptions":["name=rootless"]}"#).unwrap();
        let machine = MachineFacts::of("socket /var/run/docker.sock\nsocket /run/user/1000/docker.sock");
        let of = |info: &Info| client.judge_socket(Some(info), &machine).unwrap().evidence;
        assert!(judge_socket_of_dock(Some(&rootless)).unwrap().evidence.starts_with("rootless"));
        assert_eq!(judge_socket_of_dock(None), None);
        assert!(of(&rootless).starts_with("rootless"));
        assert!(
            of(&info("")).contains("runs as root") && of(&info("")).ends_with("/run/user/1000/docker.sock")
        );
    }

    #[test]
    fn a_missing_docker_a_broken_configuration_and_a_missing_helper_are_found() {
        let client = || client("unix:///var/run/docker.sock", EndpointSource::Default);
        let missing = ClientFacts { docker: None, ..client() };
        assert_eq!(severity(&missing.judge(None, None), "client.docker"), Problem);
        let invalid =
            InvalidClientConfig { file: "/h/.docker/config.json".into(), problem: "x at line 3".to_owned() };
        let broken = ClientFacts { config: Err(invalid), ..client() };
        assert_eq!(severity(&broken.judge(None, None), "client.config"), Problem);
        for (key, expected) in [("credsStore", Problem), ("credHelpers", Warning)] {
            let helper = MissingHelper { key, program: "docker-credential-x".to_owned() };
            let found = ClientFacts { config: Result::Ok(vec![helper]), ..client() };
            assert_eq!(severity(&found.judge(None, None), "client.credential-helpers"), expected);
        }
    }
}
