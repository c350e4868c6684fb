//! The checks of a dock, through its session.

use std::process;
use std::thread;
use std::time::Duration;

use chrono::Utc;
use dockerutils_check::{
    ClientFacts, DockFacts, EngineFacts, Finding, ForeignFiles, MachineFacts, Place, ScriptFault,
    SocketForwarding, judge_gpus, judge_owners, judge_sessions, judge_socket_of_dock,
};
use dockerutils_command::{Command, Error as CommandError, Runner};
use dockerutils_dock::session::{
    self, Endpoint, Session, allowed_forwards, close_session, open_connection, open_session, ssh_via_session,
};
use dockerutils_dock::{Dock, DockFault, Docks, host_key};
use dockerutils_project::{Project, Workspace};
use dockerutils_ssh::{ControlSocket, RUN_INPUT, SshFault};

use super::local::{gpu_mode, sessions};
use super::{machine, owners, queries};
use crate::Result;
use crate::dock_context::{accept_host_key, workspace_on};
use crate::ui;

/// A port of the dock that need not be open: whether sshd would forward it is all that is tried.
const ANY_PORT: &str = "127.0.0.1:22";

/// The dock that is checked.
pub(super) struct CheckedDock {
    pub(super) docks: Docks,
    pub(super) dock: Dock,
}

/// What was found out side by side.
struct Gathered {
    machine: std::result::Result<MachineFacts, ScriptFault>,
    took: Option<Duration>,
    engine: EngineFacts,
    /// The value of DOCKER_HOST that leads to its engine.
    host: Option<String>,
    socket: SocketForwarding,
    host_key: Option<String>,
    forwards_ports: bool,
}

impl CheckedDock {
    /// Checks docker on this machine, the connection, the dock, its engine and its GPUs.
    ///
    /// # Errors
    /// Fails if a signal interrupted us, or if the session's folder is not safe.
    pub(super) fn check(&self, project: Option<&Project>, runner: &Runner) -> Result<Vec<Finding>> {
        let client = ClientFacts::gather();
        let found = judge_sessions(&sessions(&self.docks, std::slice::from_ref(&self.dock)));
        if let Err(error) = accept_host_key(&self.docks, &self.dock, runner) {
            return match error.child_error() {
                Some(_) => Err(error),
                None => Ok(vec![Finding::problem_of_sentence("dock.host-key", &error.to_string())]),
            };
        }
        let waiting = ui::waiting_for(&self.dock.moniker);
        let open = || open_connection(&self.docks, &self.dock, process::id(), runner);
        // A dry run prints the command when it opens the session.
        let opened = if runner.is_dry_run() { Ok(()) } else { open() };
        let mut findings = match opened {
            Ok(()) => {
                let gathered = self.gather(project, runner)?;
                let place = Place::Dock(self.dock.moniker.to_string());
                let foreign = project.map(|project| self.foreign_files(project, &gathered, runner));
                let mut findings = self.judge(&client, &gathered, project, &place);
                findings.extend(foreign.transpose()?.flatten().map(|files| judge_owners(&files, &place)));
                findings
            }
            Err(session::Error::Unusable { fault, sentence }) => {
                vec![unreachable(&fault, sentence.trim_end_matches("; nothing has changed"))]
            }
            Err(error) => return Err(error.into()),
        };
        drop(waiting);
        findings.push(found);
        self.leave(runner)?;
        Ok(findings)
    }

    /// Returns the project's copy; `None` if its name is not valid.
    pub(super) fn workspace(&self, project: &Project) -> Option<Workspace> {
        workspace_on(&self.docks, &self.dock, project, None).ok()
    }

    fn gather(&self, project: Option<&Project>, runner: &Runner) -> Result<Gathered> {
        let control = Session::find(&self.docks, &self.dock)?.map(|session| session.control());
        let script = self.script_command(project, control.as_ref())?;
        thread::scope(|scope| {
            let key = scope.spawn(|| host_key(&self.docks, &self.dock, runner));
            let any_port = [ANY_PORT.to_owned()];
            let ports = scope.spawn(move || allowed_forwards(&self.docks, &self.dock, &any_port, runner));
            let scripts = scope.spawn(|| runner.run_parallel(&[script], machine::TIMEOUT));
            let (engine, host, socket) = self.engine_facts(runner)?;
            let outputs = scripts.join().ok().transpose()?.unwrap_or_default();
            let session = Session::find(&self.docks, &self.dock)?;
            Ok(Gathered {
                machine: machine::facts(&outputs),
                took: session.and_then(|session| session.measure_request()),
                engine,
                host,
                socket,
                host_key: key.join().ok().and_then(std::result::Result::ok).flatten(),
                forwards_ports: ports
                    .join()
                    .is_ok_and(|allowed| !allowed.is_ok_and(|allowed| allowed.contains(&false))),
            })
        })
    }

    /// Queries docker through the session. Why the engine does not respond is a finding.
    fn engine_facts(&self, runner: &Runner) -> Result<(EngineFacts, Option<String>, SocketForwarding)> {
        let unknown = |fault: String| {
            let facts = EngineFacts { fault: Some(fault), ..EngineFacts::default() };
            Ok((facts, None, SocketForwarding::Unknown))
        };
        match open_session(&self.docks, &self.dock, process::id(), runner) {
            Ok(endpoint) => {
                let socket = match endpoint {
                    Endpoint::Socket(_) => SocketForwarding::Forwarded,
                    Endpoint::Ssh { .. } => SocketForwarding::ThroughSsh,
                };
                let host = endpoint.to_string();
                Ok((queries::engine_facts(Some(&host), runner)?, Some(host), socket))
            }
            Err(session::Error::Unusable { sentence, .. }) => {
                unknown(sentence.trim_end_matches("; nothing has changed").to_owned())
            }
            Err(session::Error::Command(error @ CommandError::Interrupted { .. })) => Err(error.into()),
            Err(error) => unknown(error.to_string()),
        }
    }

    fn script_command(&self, project: Option<&Project>, control: Option<&ControlSocket>) -> Result<Command> {
        let shell = self.ssh(control).arg(RUN_INPUT);
        Ok(machine::with_script(shell, machine::script(Some(self), project)?, Some(self)))
    }

    fn ssh(&self, control: Option<&ControlSocket>) -> Command {
        ssh_via_session(&self.docks, &self.dock, control).arg("--").arg(self.dock.destination())
    }

    fn judge(
        &self,
        client: &ClientFacts,
        gathered: &Gathered,
        project: Option<&Project>,
        place: &Place,
    ) -> Vec<Finding> {
        let Gathered { machine, took, engine, socket, host_key, forwards_ports, .. } = gathered;
        let facts = machine.clone().unwrap_or_default();
        let info = engine.info.as_ref();
        let mut findings = client.judge(info, engine.versions.as_ref());
        findings.extend(judge_socket_of_dock(info));
        let dock = DockFacts {
            moniker: self.dock.moniker.to_string(),
            address: self.dock.address.to_string(),
            user: self.dock.user.to_string(),
            engine_socket: self.engine_socket(),
            machine: machine.clone(),
            host_key: host_key.clone(),
            took: *took,
            socket: socket.clone(),
            forwards_ports: *forwards_ports,
            is_on_ec2: self.dock.instance_id.is_some(),
            now: Utc::now(),
        };
        findings.extend(dock.judge());
        findings.extend(engine.judge(&facts, place));
        findings.extend(judge_gpus(info, &facts, project.and_then(gpu_mode), place));
        findings
    }

    /// Returns the path of the engine's socket on the dock, which opening the session may have found and written down.
    fn engine_socket(&self) -> String {
        let known = self.docks.find(self.dock.address.as_str());
        known.as_ref().unwrap_or(&self.dock).engine_socket().to_owned()
    }

    fn foreign_files(
        &self,
        project: &Project,
        gathered: &Gathered,
        runner: &Runner,
    ) -> Result<Option<ForeignFiles>> {
        let (Some(workspace), Ok(machine)) = (self.workspace(project), &gathered.machine) else {
            return Ok(None);
        };
        Ok(Some(owners::on_dock(project, &workspace, machine, gathered.host.as_deref(), runner)?))
    }

    /// Ends our use of the session, which is closed if no terminal holds it.
    fn leave(&self, runner: &Runner) -> Result {
        match Session::find(&self.docks, &self.dock)? {
            Some(session) => Ok(close_session(&session, process::id(), runner)?),
            None => Ok(()),
        }
    }
}

fn unreachable(fault: &DockFault, sentence: &str) -> Finding {
    let is_key = matches!(
        fault,
        DockFault::HostKeyNotStored | DockFault::Ssh(SshFault::HostKeyChanged | SshFault::JumpHostKey)
    );
    Finding::problem_of_sentence(if is_key { "dock.host-key" } else { "dock.ssh" }, sentence)
}
