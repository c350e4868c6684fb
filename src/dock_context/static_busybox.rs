//! A static busybox on a dock, for images without a shell.

use dockerutils_command::Runner;

use super::DockedEngine;
use crate::Result;

/// Prints the path of busybox if it is static. Then `ldd` finds no library: it fails, or reports that the program is static.
const PRINT_BUSYBOX: &str = "b=$(command -v busybox) && command -v ldd >/dev/null && case $(ldd \"$b\" 2>&1) in *'=>'*|*'.so'*) ;; \
     *) readlink -f \"$b\" 2>/dev/null ;; esac; true";

/// What a dry run shows in place of the path.
const USUAL_PATH: &str = "/bin/busybox";

impl DockedEngine {
    /// Returns the path of a static busybox on the dock; `None` if it has none.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached.
    pub(crate) fn static_busybox(&self, runner: &Runner) -> Result<Option<String>> {
        let control = self.ensure_session(runner)?;
        let answer = self.query("query-busybox", PRINT_BUSYBOX, [], control.as_ref(), runner)?;
        if runner.is_dry_run() {
            return Ok(Some(USUAL_PATH.to_owned()));
        }
        let path = String::from_utf8(answer.unwrap_or_default()).unwrap_or_default().trim().to_owned();
        let is_path = path.starts_with('/') && !path.contains(char::is_control);
        Ok(is_path.then_some(path))
    }
}
