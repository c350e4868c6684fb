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

    /// Returns the instances of the docks by account and region. Several profiles may lead to an account: the first one is used.
    fn groups(docks: &[Dock]) -> Vec<Group<'_>> {
        let mut groups = BTreeMap::new();
        for dock in docks {
            let Some(id) = &dock.instance_id else { continue };
            let (scope, account) = (scope(dock), dock.account.as_ref().map(Account::as_str));
            // Which account a profile leads to is not known without its number.
            let profile = if account.is_some() { None } else { scope.profile };
            let group = groups.entry((account, scope.region, profile));
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

    #[cfg(test)]
    mod tests {
        use super::*;

        fn dock(id: &str, account: Option<&str>, region: &str, profile: &str) -> Dock {
            Dock {
                instance_id: Some(id.parse().expect("an ID")),
                account: account.map(|account| account.parse().expect("an account")),
                region: Some(region.parse().expect("a region")),
                profile: Some(profile.parse().expect("a profile")),
                ..Dock::new("192.0.2.1".parse().expect("an address"))
            }
        }

        #[test]
        fn the_docks_of_one_account_and_region_are_one_call_whatever_their_profiles_are() {
            let (first, second) = (Some("111111111111"), Some("222222222222"));
            let docks = [
                dock("i-1", first, "us-east-1", "work"),
                dock("i-2", first, "us-east-1", "admin"),
                dock("i-3", first, "eu-west-1", "work"),
                dock("i-4", second, "us-east-1", "work"),
            ];
            let ids: Vec<String> = groups(&docks).iter().map(|group| group.ids.join(" ")).collect();
            assert_eq!(ids, ["i-3", "i-1 i-2", "i-4"]);
        }
    }
}
