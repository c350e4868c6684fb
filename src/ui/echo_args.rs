//! The flags that choose which commands are echoed.

use clap::builder::FalseyValueParser;
use dockerutils_command::{EchoLevel, Runner};

/// `-q`, for every command that echoes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct EchoArgs {
    /// Print only docker's own command lines, not those of ssh, rsync and git
    #[arg(short, long, env = "DOCKERUTILS_QUIET", hide_env_values = true, value_parser = FalseyValueParser::new())]
    quiet: bool,
}

impl EchoArgs {
    /// Creates the runner of a command.
    pub(crate) fn runner(self, dry_run: bool) -> Runner {
        Runner::new(dry_run).with_echo_level(self.level())
    }

    fn level(self) -> EchoLevel {
        if self.quiet { EchoLevel::Docker } else { EchoLevel::Brief }
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
