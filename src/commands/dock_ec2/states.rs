//! `dock-ec2 states`: the states of the instances that the records name, for ls-dock.

/// Print the states of the instances that the records name
#[derive(clap::Args)]
pub(super) struct Args {
    /// Print JSON, the only format
    #[arg(long, required = true)]
    json: bool,
    /// How long AWS may take
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    timeout: f64,
}

#[cfg(feature = "ec2")]
pub(super) use work::run;

#[cfg(feature = "ec2")]
mod work {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use dockerutils_command::Runner;
    use dockerutils_dock::{Account, Dock, Docks};
    use dockerutils_ec2::life::{Group, GroupStates, states};
    use dockerutils_ec2::{Error, Instance, Observer, block_on};

    use super::super::connection::scope;
    use super::Args;
    use crate::instance_states::{InstanceState, InstanceStates};
    use crate::{Result, ui};

    /// Retries are not reported: ls-dock shows one line for a failure.
    struct Silent;

    impl Observer for Silent {
        fn note(&self, _: &str) {}
    }

    /// Prints the states.
    pub(in super::super) fn run(args: &Args) -> Result {
        let docks = Docks::of_current_user()?.all()?;
        let groups = groups(&docks);
        let timeout = Duration::try_from_secs_f64(args.timeout).unwrap_or_default();
        let runner = Runner::new(false);
        let found =
            block_on(async { Ok::<_, Error>(states(&groups, timeout, &runner, &Silent, false).await) })?;
        let mut report = InstanceStates { instances: Vec::new(), problems: Vec::new() };
        for group in found {
            match group {
                Ok(GroupStates { instances, gone }) => {
                    report.instances.extend(instances.into_iter().map(known));
                    report.instances.extend(gone.into_iter().map(terminated));
                }
                Err(error) => report.problems.push(error.to_string()),
            }
        }
        report.problems.dedup();
        Ok(ui::print_json(&report)?)
    }

    /// Returns the instances of the docks by account, region and profile.
    fn groups(docks: &[Dock]) -> Vec<Group<'_>> {
        let mut groups = BTreeMap::new();
        for dock in docks {
            let Some(id) = &dock.instance_id else { continue };
            let (scope, account) = (scope(dock), dock.account.as_ref().map(Account::as_str));
            let group = groups.entry((account, scope.region, scope.profile));
            let group = group.or_insert_with(|| Group { scope, account, ids: Vec::new() });
            group.ids.push(id.to_string());
        }
        groups.into_values().collect()
    }

    fn known(instance: Instance) -> InstanceState {
        InstanceState {
            state: instance.state.as_str().to_owned(),
            instance_type: Some(instance.instance_type),
            zone: Some(instance.zone),
            launched: instance.launched,
            id: instance.id,
        }
    }

    fn terminated(id: String) -> InstanceState {
        InstanceState { id, state: "terminated".to_owned(), ..InstanceState::default() }
    }
}
