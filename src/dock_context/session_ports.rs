//! Ports of this machine that lead to servers on a dock, such as notebooks.
//!
//! The connection holds them, so that they stay open after the command that has opened them, and the session lists them: the
//! next command finds them again, and they are opened again with a lost connection.

use dockerutils_command::{Error as CommandError, Runner};
use dockerutils_dock::session::KeptPort;
use dockerutils_ssh::ControlSocket;

use super::DockedEngine;
use crate::Result;

/// How many ports are tried if another program takes each of them just before ssh does.
const ATTEMPTS: u32 = 3;

/// The ports that the session of a dock lists.
pub(crate) struct SessionPorts<'a> {
    pub(crate) engine: &'a DockedEngine,
    pub(crate) control: &'a ControlSocket,
    pub(crate) runner: &'a Runner,
}

impl SessionPorts<'_> {
    /// Returns the port with this name, if an earlier command has opened one.
    ///
    /// # Errors
    /// Fails if the session cannot be read.
    pub(crate) fn find(&self, name: &str) -> Result<Option<KeptPort>> {
        Ok(self.all()?.into_iter().find(|port| port.name == name))
    }

    /// Returns the names of all ports.
    ///
    /// # Errors
    /// Fails if the session cannot be read.
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        Ok(self.all()?.into_iter().map(|port| port.name).collect())
    }

    fn all(&self) -> Result<Vec<KeptPort>> {
        Ok(self.engine.session()?.map_or_else(|| Ok(Vec::new()), |session| session.kept_ports())?)
    }

    /// Opens a port that leads to a target: the one that is open already if possible, else one that `choose` returns for
    /// the requested one. Returns its number.
    ///
    /// # Errors
    /// Fails if the requested port is taken, if ssh cannot open a port, or if a signal interrupted us.
    pub(crate) fn open<E: Into<crate::Error>>(
        &self,
        kept: Option<&KeptPort>,
        target: &str,
        requested: Option<u16>,
        choose: impl Fn(Option<u16>) -> std::result::Result<u16, E>,
    ) -> Result<u16> {
        let known = kept.filter(|port| requested.is_none_or(|requested| requested == port.local));
        let mut local = match known {
            // Opening it twice changes nothing, and after a lost connection it is opened again.
            Some(port) => port.local,
            None => choose(requested).map_err(Into::into)?,
        };
        // Not before: if the requested port is taken, the one that is open stays.
        if let Some(port) = kept.filter(|port| known.is_none() || port.target != target) {
            self.close(port.local, &port.target)?;
        }
        let mut attempt = 1;
        loop {
            match self.runner.run_stdout_to_stderr(&self.control.open_port(local, target)) {
                Ok(()) => return Ok(local),
                Err(CommandError::Failed { .. }) if attempt < ATTEMPTS && requested.is_none() => {
                    attempt += 1;
                    local = choose(None).map_err(Into::into)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Closes a port. A connection that was lost has closed it already.
    ///
    /// # Errors
    /// Fails if ssh cannot be started.
    pub(crate) fn close(&self, local: u16, target: &str) -> Result {
        match self.runner.uninterrupted().run_stdout_to_stderr(&self.control.close_port(local, target)) {
            Ok(()) | Err(CommandError::Failed { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Lists a port, so that it stays open.
    ///
    /// # Errors
    /// Fails if the session cannot be written.
    pub(crate) fn keep(&self, port: &KeptPort) -> Result {
        Ok(self.engine.session()?.map_or(Ok(()), |session| session.keep_port(port))?)
    }

    /// Closes the ports whose names are selected.
    ///
    /// # Errors
    /// Fails if the session cannot be read or written.
    pub(crate) fn close_all(&self, is_selected: impl Fn(&str) -> bool) -> Result {
        let Some(session) = self.engine.session()? else { return Ok(()) };
        for port in session.kept_ports()?.into_iter().filter(|port| is_selected(&port.name)) {
            self.close(port.local, &port.target)?;
            session.release_port(&port.name)?;
        }
        Ok(())
    }
}
