//! `dock-ec2 caller`: whose credentials AWS gets, for check-dock.

/// Print whose credentials AWS gets, where, and until when
#[derive(clap::Args)]
pub(super) struct Args {
    /// Print JSON, the only format
    #[arg(long, required = true)]
    json: bool,
}

#[cfg(feature = "ec2")]
pub(super) use work::run;

#[cfg(feature = "ec2")]
mod work {
    use std::time::UNIX_EPOCH;

    use dockerutils_check::AwsFacts;
    use dockerutils_command::{EchoLevel, Runner};
    use dockerutils_ec2::calls::GetCallerIdentity;
    use dockerutils_ec2::{Account, Observer, Scope, block_on};

    use super::Args;
    use crate::{Result, ui};

    /// check-dock shows one line for a failure.
    struct Silent;

    impl Observer for Silent {
        fn note(&self, _: &str) {}
    }

    /// Prints the facts.
    pub(in super::super) fn run(_: &Args) -> Result {
        let runner = Runner::new(false).with_echo_level(EchoLevel::Docker);
        let facts = block_on(async {
            let account = Account::open(Scope::default(), &runner, &Silent, false).await?;
            let caller = account.call(&GetCallerIdentity).await?;
            let expires = account.expires().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            Ok::<_, crate::Error>(AwsFacts {
                region: account.region().to_owned(),
                caller: caller.name().to_owned(),
                account: caller.account,
                expires: expires.and_then(|time| i64::try_from(time.as_secs()).ok()),
            })
        })?;
        Ok(ui::print_json(&facts)?)
    }
}
