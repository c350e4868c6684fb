//! The docks of the instances.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

use crate::dock::Dock;
use crate::unavailable::Unavailable;
use crate::version::Version;

/// What the stand-in asks for when an instance starts.
#[derive(Debug, Deserialize)]
pub(super) struct Boot {
    instance: String,
    /// Its public address.
    address: Ipv4Addr,
    /// `20`, `26` or `26c`.
    engine: String,
    /// What runs on it before its link is up.
    script: String,
}

/// The docks that run, by the IDs of their instances.
#[derive(Debug)]
pub(super) struct Machines {
    /// The folder that keeps the disk of each instance.
    disks: PathBuf,
    /// `None` once the stand-in ends.
    docks: Mutex<Option<BTreeMap<String, Arc<Dock>>>>,
}

impl Machines {
    pub(super) fn new(disks: PathBuf) -> io::Result<Self> {
        fs::create_dir(&disks)?;
        Ok(Machines { disks, docks: Mutex::new(Some(BTreeMap::new())) })
    }

    /// Starts the dock of an instance, and returns the id of a process in it.
    pub(super) fn boot(&self, boot: &Boot) -> Result<u32, Unavailable> {
        let version = match boot.engine.as_str() {
            "26" => Version::V26,
            "26c" => Version::V26Containerd,
            _ => Version::V20,
        };
        let dock = Dock::builder(&boot.instance, version)
            .address(boot.address)
            .keep_root(&self.disks.join(&boot.instance))
            .boot_script(&boot.script)
            .start()?;
        let pid = dock.pid();
        match self.lock().as_mut() {
            Some(docks) => docks.insert(boot.instance.clone(), Arc::new(dock)),
            None => return Err(Unavailable::Failed("the stand-in has ended".to_owned())),
        };
        Ok(pid)
    }

    /// Shuts a dock down, as far as there is one. Its containers end as on a machine that halts.
    pub(super) fn halt(&self, instance: &str) {
        let Some(dock) = self.lock().as_mut().and_then(|docks| docks.remove(instance)) else { return };
        if dock.root().join("run/docker.pid").exists() {
            dock.stop_docker();
        }
    }

    /// Ends a dock, as far as there is one, and removes its disk.
    pub(super) fn purge(&self, instance: &str) -> io::Result<()> {
        let dock = self.lock().as_mut().and_then(|docks| docks.remove(instance));
        drop(dock);
        match fs::remove_dir_all(self.disks.join(instance)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Returns the dock of an instance that runs.
    pub(super) fn get(&self, instance: &str) -> Option<Arc<Dock>> {
        self.lock().as_ref()?.get(instance).cloned()
    }

    /// Returns the instances that have a dock.
    pub(super) fn names(&self) -> Vec<String> {
        self.lock().iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Ends all docks, and starts none from now on.
    pub(super) fn close(&self) {
        let docks = self.lock().take();
        drop(docks);
    }

    fn lock(&self) -> MutexGuard<'_, Option<BTreeMap<String, Arc<Dock>>>> {
        self.docks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
