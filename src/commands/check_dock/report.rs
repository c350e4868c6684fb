//! Printing the findings, and applying fixes.

use dockerutils_check::{Finding, Fix};
use dockerutils_command::{Error, Runner, printable};

use crate::{Result, ui};

/// Prints the list: one line for each finding, and a line below it with the fix.
///
/// # Errors
/// Fails if standard output cannot be written to.
pub(super) fn print(findings: &[Finding], json: bool) -> Result {
    if json {
        return Ok(ui::print_json(&findings)?);
    }
    for finding in findings {
        let Finding { id, severity, evidence, fix } = finding;
        ui::print_line(format_args!("{:<8} {id:<26} {}", severity.to_string(), printable(evidence)))?;
        if let Some(fix) = fix {
            let what = if fix.safe().is_some() { "fix (--fix applies it)" } else { "fix" };
            ui::print_line(format_args!("{:8} {what}: {}", "", printable(&fix.to_string())))?;
        }
    }
    Ok(())
}

/// Applies the fixes that lose nothing; returns whether there were any. One that fails is reported.
///
/// # Errors
/// Fails if a signal interrupted us.
pub(super) fn apply(findings: &[Finding], runner: &Runner) -> Result<bool> {
    let mut is_any = false;
    for finding in findings {
        let Some(command) = finding.fix.as_ref().and_then(Fix::safe) else { continue };
        is_any = true;
        match runner.run_stdout_to_stderr(command) {
            Err(error @ Error::Interrupted { .. }) => return Err(error.into()),
            Err(error) => ui::warn(format_args!("{} was not fixed: {error}", finding.id)),
            Ok(()) => {}
        }
    }
    Ok(is_any)
}
