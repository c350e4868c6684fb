//! Jupyter on a dock, from the archives that `scripts/testbed.sh` has made.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::Dock;
use super::program::run;
use crate::version::testbed;

impl Dock {
    /// Unpacks JupyterLab where no program looks for it: /opt/jupyter, whose packages Python finds.
    ///
    /// # Panics
    /// Panics if `scripts/setup.sh test` has not made the archive.
    pub fn unpack_jupyter(&self) {
        self.unpack("jupyter.tar");
    }

    /// Unpacks Jupyter Notebook 6 and jupyter_server 1 there, without JupyterLab.
    ///
    /// # Panics
    /// Panics if `scripts/setup.sh test` has not made the archive.
    pub fn unpack_classic(&self) {
        self.unpack("classic.tar");
    }

    fn unpack(&self, archive: &str) {
        let archive = testbed().join(archive);
        let tar = |into: &Path, strip: &str, paths: &[&str]| {
            let mut tar = Command::new("tar");
            tar.arg("-C").arg(into).args(["--strip-components", strip, "-xf"]).arg(&archive).args(paths);
            run(&mut tar).expect("Jupyter: `scripts/setup.sh test` makes it");
        };
        tar(&self.root(), "1", &["./opt/jupyter"]);
        // /usr/local of the dock.
        let local = ["./usr/local/lib", "./usr/local/share/jupyter", "./usr/local/etc/jupyter"];
        tar(&self.root().join("var/local"), "3", &local);
    }

    /// Links the programs of Jupyter into a folder of the dock, which `ubuntu` then owns: `/home/ubuntu/miniconda3/bin`.
    ///
    /// # Panics
    /// Panics if the folder cannot be made.
    pub fn link_jupyter(&self, folder: &str) {
        let inside = folder.trim_start_matches('/').replace("usr/local", "var/local");
        let path = self.root().join(inside);
        fs::create_dir_all(&path).expect("a folder");
        for program in ["jupyter", "jupyter-lab", "jupyter-notebook"] {
            let target = Path::new("opt/jupyter/bin").join(program);
            if self.root().join(&target).exists() {
                symlink(Path::new("/").join(target), path.join(program)).expect("a link");
            }
        }
        if folder.starts_with("/home/ubuntu") {
            self.exec(&["chown", "-R", "ubuntu:ubuntu", "/home/ubuntu"]);
        }
    }
}
