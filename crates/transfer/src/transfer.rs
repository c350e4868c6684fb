//! A transfer from beginning to end: connecting, sending, finalizing, and repeating for a host that lost a layer.

use std::io;
use std::sync::mpsc::{Receiver as ChannelReceiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use dockerutils_command::Runner;

use crate::connected_host::ConnectedHost;
use crate::coverage::Coverage;
use crate::error::{Error, Result};
use crate::fan_out::{self, AllSent, Sent};
use crate::lookup::LookupOptions;
use crate::observer::Observer;
use crate::packing::Compression;
use crate::remote::{Host, Receiver};
use crate::report::Report;
use crate::workload::Workload;
use crate::{Packer, Plan, Source};

/// How long hosts that are connected wait for the others, at least and at most.
const MIN_WAIT: Duration = Duration::from_millis(500);
const MAX_WAIT: Duration = Duration::from_secs(2);

/// The hosts of a transfer, as each is connected or fails.
type Connecting = ChannelReceiver<std::result::Result<ConnectedHost, HostFailure>>;

/// A transfer of images to hosts.
pub struct Transfer<'a> {
    /// The images.
    source: &'a Source,
    coverage: Coverage,
    compression: Compression,
    start: Instant,
    observer: &'a dyn Observer,
    runner: &'a Runner,
}

/// The hosts that are connected, and the errors of the others.
#[derive(Debug)]
pub struct Connections {
    /// The hosts that are connected and inspected.
    pub hosts: Vec<ConnectedHost>,
    /// The hosts that are not.
    pub failures: Vec<HostFailure>,
}

/// The result of a transfer.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The hosts that have the images now.
    pub reports: Vec<Report>,
    /// The hosts that do not.
    pub failures: Vec<HostFailure>,
}

/// Why a host does not have the images.
#[derive(Debug)]
pub struct HostFailure {
    /// The host that failed.
    pub host: Host,
    /// The reason.
    pub error: Error,
}

impl<'a> Transfer<'a> {
    /// Creates a transfer of all images of a source; the time of its reports counts from now.
    pub fn new(
        source: &'a Source,
        compression: Compression,
        observer: &'a dyn Observer,
        runner: &'a Runner,
    ) -> Self {
        Transfer { source, coverage: Coverage::Missing, compression, start: Instant::now(), observer, runner }
    }

    /// Sets whether all layers are sent, even those that a host has.
    #[must_use]
    pub fn full(self, full: bool) -> Self {
        Transfer { coverage: if full { Coverage::All } else { Coverage::Missing }, ..self }
    }

    /// Transfers the images to these hosts. A host that fails does not stop the others.
    ///
    /// # Errors
    /// Fails if the images cannot be read, or the process received a signal to stop.
    pub fn run(&self, hosts: Vec<Host>) -> Result<Outcome> {
        self.run_with(hosts, self.coverage)
    }

    fn run_with(&self, hosts: Vec<Host>, coverage: Coverage) -> Result<Outcome> {
        let options = LookupOptions { source: self.source, coverage, sends: true };
        let names: Vec<String> = hosts.iter().map(|host| host.name().to_owned()).collect();
        thread::scope(|scope| {
            let (sender, connecting) = channel();
            for host in hosts {
                let sender = sender.clone();
                scope.spawn(move || {
                    let connected = options.connect(host.clone(), self.observer, self.runner);
                    // The receiver is gone if the transfer has failed as a whole.
                    let _ = sender.send(connected.map_err(|error| HostFailure { host, error }));
                });
            }
            // The channel ends when the last host is connected or has failed.
            drop(sender);
            let mut outcome = Outcome::default();
            while let Some(Connections { hosts, failures }) = self.next_connections(&connecting) {
                outcome.failures.extend(failures);
                if !hosts.is_empty() {
                    let delivered = self.deliver(hosts)?;
                    outcome.reports.extend(delivered.reports);
                    outcome.failures.extend(delivered.failures);
                }
            }
            // Programs read the reports in the order of the hosts, and not in that in which these happened to connect.
            let place = |host: &str| names.iter().position(|name| name == host);
            outcome.reports.sort_by_key(|report| place(&report.host));
            outcome.failures.sort_by_key(|failure| place(failure.host.name()));
            Ok(outcome)
        })
    }

    /// Waits until a host is connected, and a moment longer for others that can share its reading: a host that does not
    /// respond must not delay those that do. `None` if there are no more hosts.
    fn next_connections(&self, connecting: &Connecting) -> Option<Connections> {
        let mut connections = Connections { hosts: Vec::new(), failures: Vec::new() };
        let add = |connections: &mut Connections, result| match result {
            Ok(host) => connections.hosts.push(host),
            Err(failure) => connections.failures.push(failure),
        };
        add(&mut connections, connecting.recv().ok()?);
        while connections.hosts.is_empty() {
            let Ok(result) = connecting.recv() else { return Some(connections) };
            add(&mut connections, result);
        }
        // A line over which connecting takes long makes others take as long.
        let deadline = Instant::now() + self.start.elapsed().clamp(MIN_WAIT, MAX_WAIT);
        while let Ok(result) = connecting.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            add(&mut connections, result);
        }
        Some(connections)
    }

    /// Connects to all these hosts at once, and finds out what they lack. With `sends`, reading the images may start
    /// already.
    pub fn connect(&self, hosts: Vec<Host>, sends: bool) -> Connections {
        let options = LookupOptions { source: self.source, coverage: self.coverage, sends };
        let connect = |host: &Host| options.connect(host.clone(), self.observer, self.runner);
        // Connecting takes several round trips to each host.
        let results: Vec<Result<ConnectedHost>> = thread::scope(|scope| {
            let threads: Vec<_> = hosts.iter().map(|host| scope.spawn(|| connect(host))).collect();
            let panicked = |_| Err(Error::Threads(io::Error::other("it has panicked")));
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
        });
        let mut connections = Connections { hosts: Vec::new(), failures: Vec::new() };
        for (host, result) in hosts.into_iter().zip(results) {
            match result {
                Ok(connected) => connections.hosts.push(connected),
                Err(error) => connections.failures.push(HostFailure { host, error }),
            }
        }
        connections
    }

    /// Transfers the images to hosts that are connected.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn deliver(&self, hosts: Vec<ConnectedHost>) -> Result<Outcome> {
        let mut delivery = Delivery { transfer: self, outcome: Outcome::default(), lost_layers: Vec::new() };
        let (lacking, complete): (Vec<_>, Vec<_>) = hosts.into_iter().partition(ConnectedHost::lacks_images);
        // A host that lacks nothing does not wait for the others.
        for host in complete {
            delivery.finalize(host, None);
        }
        let (ready, packers) = delivery.start_receiving(lacking);
        let sent = if ready.is_empty() { Vec::new() } else { self.send(&ready, packers)? };
        for (host, sent) in ready.into_iter().zip(sent) {
            delivery.finalize(host, Some(sent));
        }
        let Delivery { mut outcome, lost_layers, .. } = delivery;
        // Twice is enough: a transfer of the whole image relies on nothing that the host had or gets in parts.
        for coverage in [Coverage::Rest, Coverage::Whole] {
            let hosts = lost_layers.iter().filter(|(_, next)| *next == coverage);
            let hosts: Vec<Host> = hosts.map(|(host, _)| host.clone()).collect();
            if !hosts.is_empty() {
                let repeated = self.run_with(hosts, coverage)?;
                outcome.reports.extend(repeated.reports);
                outcome.failures.extend(repeated.failures);
            }
        }
        Ok(outcome)
    }

    fn send(&self, hosts: &[ConnectedHost], packers: Vec<Packer<Receiver>>) -> Result<Vec<Sent<Receiver>>> {
        let plans: Vec<(&str, &Plan)> = hosts.iter().map(ConnectedHost::plan).collect();
        self.observer.on_start(&Workload::new(self.source, &plans));
        let shipments = hosts.iter().zip(packers).map(|(host, packer)| host.shipment(self.source, packer));
        let sent = fan_out::send(self.source, shipments.collect(), self.observer, self.runner);
        // Before the error is returned: a progress bar must not stay above its message.
        self.observer.on_end();
        let AllSent { targets, left_out } = sent?;
        left_out.iter().for_each(|warning| self.observer.on_warning(warning));
        Ok(targets)
    }
}

/// The state of a delivery to several hosts.
struct Delivery<'a> {
    transfer: &'a Transfer<'a>,
    outcome: Outcome,
    /// Hosts from which a layer has vanished since they were inspected, and what the next try sends to them.
    lost_layers: Vec<(Host, Coverage)>,
}

impl Delivery<'_> {
    fn start_receiving(&mut self, hosts: Vec<ConnectedHost>) -> (Vec<ConnectedHost>, Vec<Packer<Receiver>>) {
        let (mut ready, mut packers) = (Vec::new(), Vec::new());
        for mut host in hosts {
            match host.start_receiving(self.transfer.compression, self.transfer.runner) {
                Ok(packer) => {
                    packers.push(packer);
                    ready.push(host);
                }
                Err(error) => self.outcome.failures.push(HostFailure { host: host.host, error }),
            }
        }
        (ready, packers)
    }

    fn finalize(&mut self, mut host: ConnectedHost, sent: Option<Sent<Receiver>>) {
        let Transfer { source, start, observer, runner, .. } = *self.transfer;
        let error = match host.finalize(source, sent, start, observer, runner) {
            Ok(report) => {
                observer.on_arrival(&report);
                self.outcome.reports.push(report);
                return;
            }
            Err(error) => error,
        };
        match host.next_coverage(&error) {
            Some(coverage) => {
                observer.on_resend(&error, coverage == Coverage::Whole);
                self.lost_layers.push((host.host, coverage));
            }
            None => self.outcome.failures.push(HostFailure { host: host.host, error: error.into() }),
        }
    }
}
