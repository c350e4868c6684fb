//! The error of a check that has found problems.

use dockerutils_check::{Finding, Severity};

/// Why a check ends with status 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    /// There are problems; the list has been printed.
    #[error(
        "{}{}",
        if *problems == 1 { "there is one problem".to_owned() } else { format!("there are {problems} problems") },
        if *can_fix { ", and --fix applies the fixes that lose nothing" } else { "" }
    )]
    Problems { problems: usize, can_fix: bool },
}

impl CheckError {
    /// Returns the error for these findings, if one is a problem.
    pub(super) fn of(findings: &[Finding]) -> Option<Self> {
        let problems = findings.iter().filter(|finding| finding.severity == Severity::Problem).count();
        let is_safe = |finding: &Finding| finding.fix.as_ref().is_some_and(|fix| fix.safe().is_some());
        let can_fix = findings.iter().any(is_safe);
        (problems > 0).then_some(CheckError::Problems { problems, can_fix })
    }
}
