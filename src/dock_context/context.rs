//! The rule by which a terminal is docked.

use std::env;

use dockerutils_command::Runner;
use dockerutils_dock::session::{check_docker_host, is_docked_by_us, is_session_socket};
use dockerutils_dock::{Dock, Docks, Error as DockError, Result as DockResult};

use super::{DockContextError, DockedEngine};
use crate::{Result, ui};

/// The meaning of the variables of this terminal, by one rule:
///
/// 1. The terminal *names a dock* if DOCKER_IP is set, or else DOCK_MONIKER: by address or by moniker. Commands that go
///    to the dock through ssh (`ssh-dock`, `sync-up`, `sync-down`) need no more than that.
/// 2. The terminal *is docked* if both DOCKER_HOST and DOCKER_IP are set, by `source dock` or by hand. Then the
///    configuration's `_docked` keys apply. DOCKER_HOST may have any form that docker accepts, such as `ssh://…` or
///    `tcp://…`.
/// 3. The engine *is that of a dock* if the terminal is docked and names a registered dock. Otherwise it is an engine
///    that we know nothing about, and docker is run without preparation.
/// 4. The engine *has a session* if DOCKER_HOST is the socket of the dock's session, or the dock's `ssh://` URL that
///    `source dock` has set while the session exists. Only then a lost connection is opened again: see
///    [`is_session_endpoint`](dockerutils_dock::session::is_session_endpoint).
/// 5. An instance gets another address when it is stopped and started, and the variables keep the old one, which may be
///    that of another dock now. So if `source dock` has set the variables, and the dock DOCK_MONIKER is an instance at
///    another address than DOCKER_IP, the terminal names that dock if DOCKER_HOST is its session's socket, which leads to
///    the new address. Otherwise it is an error.
///
/// A variable that is empty counts as not set, as it does for docker.
#[derive(Debug)]
pub(crate) struct DockContext {
    variables: Variables,
    named: NamedDock,
}

/// The variables that `source dock` sets; empty if they are not set.
#[derive(Debug, Default, Clone)]
struct Variables {
    docker_host: String,
    docker_ip: String,
    dock_moniker: String,
    /// Whether `source dock` has set them.
    are_ours: bool,
}

#[derive(Debug)]
enum NamedDock {
    None,
    Registered(Docks, Box<Dock>),
    /// The dock is registered at another address than DOCKER_IP.
    Moved(Docks, Box<Dock>),
    /// The name is not that of a registered dock; the error names the remedy.
    Unknown(DockError),
}

impl DockContext {
    /// Computes the context of this terminal.
    ///
    /// # Errors
    /// Fails if the named dock's record is broken, or if the records cannot be read.
    pub(crate) fn of_terminal() -> Result<Self> {
        let variables = Variables {
            docker_host: variable("DOCKER_HOST"),
            docker_ip: variable("DOCKER_IP"),
            dock_moniker: variable("DOCK_MONIKER"),
            are_ours: is_docked_by_us(),
        };
        check_docker_host(&variables.docker_host)?;
        let context = DockContext::new(variables, Docks::of_current_user)?;
        context.note_new_address();
        Ok(context)
    }

    /// Finds the named dock. `docks` is called only if there is one: without it no home folder is needed.
    fn new(variables: Variables, docks: impl Fn() -> DockResult<Docks>) -> Result<Self> {
        let named = match variables.dock_name() {
            Some(name) => {
                variables.find_moved(&docks)?.map_or_else(|| NamedDock::find(docks()?, name), Ok)?
            }
            None => NamedDock::None,
        };
        Ok(DockContext { variables, named })
    }

    /// Prints that the terminal's dock is at another address than DOCKER_IP, which we cannot change in the calling shell.
    fn note_new_address(&self) {
        if let NamedDock::Moved(_, dock) = &self.named {
            let Dock { moniker, address, .. } = &**dock;
            ui::note(format_args!("{moniker} is at {address} now (`source dock {moniker}` sets DOCKER_IP)"));
        }
    }

    /// Returns whether the terminal is docked, to a dock of ours or to any other engine.
    pub(crate) fn is_docked(&self) -> bool {
        !self.variables.docker_host.is_empty() && !self.variables.docker_ip.is_empty()
    }

    /// Returns the dock that the terminal names; `None` if it names none.
    ///
    /// # Errors
    /// Fails if the named dock is not registered.
    pub(crate) fn into_named_dock(self) -> DockResult<Option<Dock>> {
        match self.named {
            NamedDock::None => Ok(None),
            NamedDock::Registered(_, dock) | NamedDock::Moved(_, dock) => Ok(Some(*dock)),
            NamedDock::Unknown(error) => Err(error),
        }
    }

    /// Returns the engine that docker uses, if it is that of a registered dock.
    pub(crate) fn into_docked_engine(self) -> Option<DockedEngine> {
        let is_docked = self.is_docked();
        match self.named {
            NamedDock::Registered(docks, dock) | NamedDock::Moved(docks, dock) if is_docked => {
                Some(DockedEngine::new(docks, *dock, self.variables.docker_host))
            }
            _ => None,
        }
    }

    /// Opens the connection to the terminal's dock again if it was lost. Call it before docker; see
    /// [`DockedEngine::ensure_session`].
    ///
    /// # Errors
    /// Fails if the dock cannot be reached.
    pub(crate) fn ensure_session(self, runner: &Runner) -> Result {
        match self.into_docked_engine() {
            Some(engine) => engine.ensure_session(runner).map(|_| ()),
            None => Ok(()),
        }
    }
}

impl Variables {
    fn dock_name(&self) -> Option<&str> {
        // The address first: a moniker can be registered for another dock after this terminal was docked.
        [self.docker_ip.as_str(), self.dock_moniker.as_str()].into_iter().find(|name| !name.is_empty())
    }

    /// Returns the dock of the terminal if it is an instance whose address has changed since the terminal was docked.
    fn find_moved(&self, docks: impl Fn() -> DockResult<Docks>) -> Result<Option<NamedDock>> {
        if !self.are_ours || self.docker_ip.is_empty() || self.dock_moniker.is_empty() {
            return Ok(None);
        }
        let docks = docks()?;
        let Ok(dock) = docks.find(&self.dock_moniker) else { return Ok(None) };
        if dock.instance_id.is_none() || dock.address.as_str() == self.docker_ip {
            Ok(None)
        } else if is_session_socket(&docks, &dock, &self.docker_host) {
            Ok(Some(NamedDock::Moved(docks, Box::new(dock))))
        } else {
            Err(DockContextError::Moved(dock.moniker).into())
        }
    }
}

impl NamedDock {
    fn find(docks: Docks, name: &str) -> DockResult<Self> {
        match docks.find(name) {
            Ok(dock) => Ok(NamedDock::Registered(docks, Box::new(dock))),
            // Not an error yet: the variables may name a machine that another tool manages.
            Err(error @ DockError::Unknown { .. }) => Ok(NamedDock::Unknown(error)),
            Err(error) => Err(error),
        }
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// Returns the dock with this moniker or address; without a name, the dock that the terminal names.
///
/// # Errors
/// Fails if there is no such dock, or returns [`DockContextError::NotDocked`] if the terminal names none.
pub(crate) fn resolve_dock(docks: &Docks, name: Option<&str>) -> Result<Dock> {
    match name {
        Some(name) => Ok(docks.find(name)?),
        None => DockContext::of_terminal()?.into_named_dock()?.ok_or(DockContextError::NotDocked.into()),
    }
}

#[cfg(test)]
mod tests {
    use dockerutils_dock::session::Session;

    use super::*;

    const SOCKET: &str = "unix:///SESSION/docker.sock";

    #[test]
    fn the_variables_decide_what_a_terminal_is_docked_to() {
        let home = tempfile::tempdir().unwrap();
        let docks = Docks::of_user(home.path());
        let gpu = Dock { moniker: "gpu".parse().unwrap(), ..Dock::new("10.0.0.5".parse().unwrap()) };
        docks.register(&gpu).unwrap();
        let session = Session::path(&docks, &gpu).join("docker.sock");
        let cases = [
            // DOCKER_HOST, DOCKER_IP, DOCK_MONIKER; is docked, names gpu, the engine is gpu's, it has a session
            ("", "", "", [false, false, false, false]),
            (SOCKET, "", "", [false, false, false, false]),
            ("", "10.0.0.5", "", [false, true, false, false]),
            ("", "", "gpu", [false, true, false, false]),
            ("", "10.0.0.5", "gpu", [false, true, false, false]),
            (SOCKET, "10.0.0.5", "gpu", [true, true, true, true]),
            (SOCKET, "10.0.0.5", "", [true, true, true, true]),
            (SOCKET, "", "gpu", [false, true, false, false]),
            // Set by hand, as the original dockerutils did.
            ("ssh://ubuntu@10.0.0.5", "10.0.0.5", "", [true, true, true, false]),
            ("tcp://10.0.0.5:2375", "10.0.0.5", "", [true, true, true, false]),
            ("unix:///var/run/docker.sock", "10.0.0.5", "gpu", [true, true, true, false]),
            // The address counts, not the moniker.
            ("tcp://10.0.0.9:2375", "10.0.0.9", "gpu", [true, false, false, false]),
            ("ssh://ada@build", "build", "", [true, false, false, false]),
        ];
        for (host, ip, moniker, expected) in cases {
            let variables = Variables {
                docker_host: host.replace("/SESSION/docker.sock", &session.to_string_lossy()),
                docker_ip: ip.to_owned(),
                dock_moniker: moniker.to_owned(),
                are_ours: false,
            };
            let context = || DockContext::new(variables.clone(), || Ok(docks.clone())).unwrap();
            let named = context().into_named_dock().ok().flatten();
            let engine = context().into_docked_engine();
            let has_session = engine.as_ref().is_some_and(|engine| engine.has_session().unwrap());
            let found = [context().is_docked(), named.as_ref() == Some(&gpu), engine.is_some(), has_session];
            assert_eq!(found, expected, "DOCKER_HOST={host} DOCKER_IP={ip} DOCK_MONIKER={moniker}");
        }
    }

    #[test]
    fn the_terminal_of_an_instance_follows_it_to_its_new_address_or_fails() {
        let home = tempfile::tempdir().unwrap();
        let docks = Docks::of_user(home.path());
        let gpu = Dock {
            moniker: "gpu".parse().unwrap(),
            instance_id: "i-0a".parse().ok(),
            ..Dock::new("10.80.0.3".parse().unwrap())
        };
        // Another dock has the address that the instance had.
        let cpu = Dock { moniker: "cpu".parse().unwrap(), ..Dock::new("10.80.0.2".parse().unwrap()) };
        docks.register(&gpu).unwrap();
        docks.register(&cpu).unwrap();
        let session = format!("unix://{}", Session::path(&docks, &gpu).join("docker.sock").display());
        let moved = "gpu is at another address now: `source dock gpu` again";
        for (host, ip, are_ours, expected) in [
            (session.as_str(), "10.80.0.3", true, Ok("gpu")),
            (&session, "10.80.0.2", true, Ok("gpu")),
            (&session, "10.80.0.9", true, Ok("gpu")),
            ("ssh://ubuntu@10.80.0.2", "10.80.0.2", true, Err(moved)),
            ("unix:///run/other/docker.sock", "10.80.0.2", true, Err(moved)),
            ("", "10.80.0.2", true, Err(moved)),
            // Set by hand: the address counts.
            ("ssh://ubuntu@10.80.0.2", "10.80.0.2", false, Ok("cpu")),
        ] {
            let variables = Variables {
                docker_host: host.to_owned(),
                docker_ip: ip.to_owned(),
                dock_moniker: "gpu".to_owned(),
                are_ours,
            };
            let context = DockContext::new(variables, || Ok(docks.clone()));
            let named = context.map(|it| it.into_named_dock().unwrap().unwrap().moniker.to_string());
            assert_eq!(
                named.map_err(|error| error.to_string()),
                expected.map(str::to_owned).map_err(str::to_owned)
            );
        }
    }

    #[test]
    fn without_a_named_dock_no_home_is_needed() {
        let variables = Variables { docker_host: SOCKET.to_owned(), ..Variables::default() };
        assert!(DockContext::new(variables, || Err(DockError::NoHome)).is_ok());
        let named = Variables { docker_ip: "gpu".to_owned(), ..Variables::default() };
        let error = DockContext::new(named, || Err(DockError::NoHome)).unwrap_err();
        assert_eq!(error.to_string(), DockError::NoHome.to_string());
    }

    #[test]
    fn a_dock_that_is_not_registered_is_an_error_for_ssh_only() {
        let home = tempfile::tempdir().unwrap();
        let context = || {
            let variables = Variables {
                docker_host: "tcp://192.0.2.9:2375".to_owned(),
                docker_ip: "192.0.2.9".to_owned(),
                ..Variables::default()
            };
            DockContext::new(variables, || Ok(Docks::of_user(home.path()))).unwrap()
        };
        assert!(context().is_docked() && context().into_docked_engine().is_none());
        assert!(matches!(context().into_named_dock(), Err(DockError::Unknown { .. })));
    }
}
