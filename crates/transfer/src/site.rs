//! The inventory of a site that ssh does not reach: `--inventory` prints it there, and `--bundle --base` reads it here.

use std::io;
use std::path::Path;

use dockerutils_command::Runner;
use dockerutils_oci::Platform;
use serde::{Deserialize, Serialize};

use crate::PresentLayers;
use crate::error::{Error, Result};
use crate::lookup::existing_layers;
use crate::remote::{Host, RemoteEngine, WantedImages, unpacks_zstd};

/// The version, platform and layers of a site's engine. The names of its JSON fields are an interface between versions.
#[derive(Debug, Serialize, Deserialize)]
pub struct SiteInventory {
    docker: String,
    pub(crate) platform: Platform,
    pub(crate) has: PresentLayers,
}

impl SiteInventory {
    /// Returns the inventory of the local engine.
    ///
    /// # Errors
    /// Fails if docker cannot be used.
    pub fn of_local_engine(runner: &Runner) -> Result<Self> {
        let engine = RemoteEngine::connect(&Host::Local, WantedImages::default(), runner)?;
        // The images that will be bundled are unknown here: any image may have layers of them.
        let manifests = engine.all_manifests(runner)?;
        let inventory = engine.inventory();
        let has = existing_layers(inventory, &manifests);
        Ok(SiteInventory { docker: inventory.version.clone(), platform: inventory.platform.clone(), has })
    }

    /// Returns whether docker there unpacks zstd.
    pub(crate) fn unpacks_zstd(&self) -> bool {
        unpacks_zstd(&self.docker)
    }

    /// Reads an inventory from a file.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or is not an inventory.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |source: io::Error| Error::InventoryUnreadable { path: path.to_owned(), source };
        let text = dockerutils_file::read_named_by_user(path, dockerutils_file::MAX_LIST).map_err(failed)?;
        serde_json::from_slice(&text).map_err(|error| failed(error.into()))
    }
}
