//! Measures the time to parse a configuration of 1 MB and compares it with the limit of 50 ms.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use dockerutils_config::ini;

const SIZE: usize = 1 << 20;
const RUNS: usize = 20;
const BAR_MS: f64 = 50.0;

fn main() {
    let config = realistic_config();
    let mut times: Vec<f64> = (0..RUNS).map(|_| parse_ms(config.as_bytes())).collect();
    times.sort_by(f64::total_cmp);
    let median = f64::midpoint(times[RUNS / 2 - 1], times[RUNS / 2]);
    println!(
        "parse {} bytes: median {median:.1} ms of {RUNS}, {:.2} of the {BAR_MS} ms bar",
        config.len(),
        median / BAR_MS
    );
}

fn parse_ms(config: &[u8]) -> f64 {
    let start = Instant::now();
    black_box(ini::parse(black_box(config)).unwrap());
    start.elapsed().as_secs_f64() * 1e3
}

/// Returns sections as users write them, with comments, one volume per line, quotes and backslashes.
fn realistic_config() -> String {
    let mut config = String::with_capacity(SIZE + 1024);
    for number in 0.. {
        write!(
            config,
            "# image {number}: its purpose\n\
             [image-{number}]\n\
             volumes=-v {{project_root}}/data:/data\n    -v $HOME/.cache:/root/.cache\n    -v /scratch/{number}:/scratch\n\
             ports=-p {number}:8888 -p 127.0.0.1:{number}:80\n\
             environment=-e \"P=C:\\\\tools\" -e 'Q=a#b;c' -e MODE=dev\n\
             ; the cluster has no GPU\n\
             gpu: --gpus all\n\
             network = bridge\n\
             cmd=sh -c \"printf '%s\\n' x && exec jupyter lab\"\n\
             publication_tag={{account}}.dkr.ecr.{{region}}.amazonaws.com/{{project}}-image:{{tag}}\n\n"
        )
        .unwrap();
        if config.len() >= SIZE {
            break;
        }
    }
    config
}
