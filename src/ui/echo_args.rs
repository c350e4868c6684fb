//! The flags that choose which commands are echoed.

use clap::Parser;
use clap::builder::FalseyValueParser;
use dockerutils_command::{EchoLevel, Runner};

/// `-q`, for every command that echoes.
#[derive(Debug, Default, Clone, Copy, clap::Args)]
pub(crate) struct EchoArgs {
    /// Print only docker's own command lines, not those of ssh, rsync, git, aws and scripts
    #[arg(short, long, env = "DOCKERUTILS_QUIET", hide_env_values = true, value_parser = FalseyValueParser::new())]
    quiet: bool,
}

/// A command without flags.
#[derive(Default, Parser)]
struct EchoVariables {
    #[command(flatten)]
    echo: EchoArgs,
}

impl EchoArgs {
    /// Creates the runner of a command that has no flags: the environment decides.
    pub(crate) fn runner_of_environment() -> Runner {
        EchoVariables::try_parse_from([""]).unwrap_or_default().echo.runner(false)
    }

    /// Creates the runner of a command.
    pub(crate) fn runner(self, dry_run: bool) -> Runner {
        Runner::new(dry_run).with_echo_level(self.level())
    }

    fn level(self) -> EchoLevel {
        if self.quiet { EchoLevel::Docker } else { EchoLevel::Brief }
    }
}

/// No flag, for a command whose `-q` has another meaning: only the environment chooses.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct EnvironmentEchoArgs {
    /// Print only docker's own command lines, not those of ssh, rsync and git
    #[arg(long, hide = true, env = "DOCKERUTILS_QUIET", hide_env_values = true, value_parser = FalseyValueParser::new())]
    quiet_echo: bool,
}

impl EnvironmentEchoArgs {
    /// Creates the runner of a command.
    pub(crate) fn runner(self, dry_run: bool) -> Runner {
        EchoArgs { quiet: self.quiet_echo }.runner(dry_run)
    }
}

/// `-q` and `-v`, for a command that runs many like ones.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct VerboseEchoArgs {
    #[command(flatten)]
    echo: EchoArgs,
    /// Print every command, also if many of them are alike
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
}

impl VerboseEchoArgs {
    /// Returns whether every command is printed.
    #[cfg(feature = "ec2")]
    pub(crate) fn is_verbose(self) -> bool {
        self.verbose
    }

    /// Creates the runner of a command.
    pub(crate) fn runner(self, dry_run: bool) -> Runner {
        let level = if self.verbose { EchoLevel::Full } else { self.echo.level() };
        Runner::new(dry_run).with_echo_level(level)
    }
}
