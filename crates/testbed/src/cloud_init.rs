//! cloud-init's own check of what an instance is started with.

use std::fs;
use std::process::Command;

use crate::unavailable::Unavailable;
use crate::version::testbed;

/// Checks a `#cloud-config` with the schema of cloud-init.
///
/// Returns what cloud-init prints about it; `None` if it is valid.
///
/// # Errors
/// Returns [`Unavailable`] if cloud-init was not unpacked.
pub fn cloud_config_errors(config: &str) -> Result<Option<String>, Unavailable> {
    let (python, modules) =
        (testbed().join("moto/bin/python"), testbed().join("cloud-init/usr/lib/python3/dist-packages"));
    for needed in [&python, &modules] {
        if !needed.exists() {
            return Err(Unavailable::Missing(needed.clone()));
        }
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("cloud-config");
    fs::write(&file, config)?;
    let output = Command::new(python)
        .args(["-m", "cloudinit.cmd.main", "schema", "--config-file"])
        .arg(&file)
        .envs([("PYTHONPATH", modules.as_os_str()), ("PYTHONDONTWRITEBYTECODE", "1".as_ref())])
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok((!output.status.success()).then(|| printed.into_owned()))
}
