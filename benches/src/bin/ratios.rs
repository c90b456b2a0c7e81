//! Prints how long each task takes, as a ratio to the first of its group, and
//! what it allocates.
//!
//! The tasks of a group take turns in short batches, and each ratio is of two
//! batches that ran next to each other; what is printed is the median over all
//! rounds, since a shared machine changes its pace between rounds.

use std::time::{Duration, Instant};

use edexa_webhooks_benches::{Group, Task, groups};

const ROUNDS: usize = 101;
const BATCH: Duration = Duration::from_millis(1);

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    println!(
        "| group | bytes | task | ratio | middle half | ns | allocations | bytes allocated | at the peak |"
    );
    println!("| --- | ---: | --- | ---: | --- | ---: | ---: | ---: | ---: |");
    for group in groups() {
        if group.name.contains(&wanted) {
            print_group(&group);
        }
    }
}

fn print_group(group: &Group) {
    let Some(first) = group.tasks.first() else {
        return;
    };
    let batch = batch_size(first);
    let mut ratios = vec![Vec::with_capacity(ROUNDS); group.tasks.len()];
    let mut nanos = vec![Vec::with_capacity(ROUNDS); group.tasks.len()];
    for _ in 0..ROUNDS {
        for ((task, ratios), nanos) in group.tasks.iter().zip(&mut ratios).zip(&mut nanos) {
            let base = time(first, batch);
            let took = time(task, batch);
            ratios.push(took / base);
            nanos.push(took * 1e9 / f64::from(batch));
        }
    }
    for ((task, ratios), nanos) in group.tasks.iter().zip(&mut ratios).zip(&mut nanos) {
        let heap = allocation_counter::measure(|| (task.run)());
        println!(
            "| {} | {} | {} | {:.2} | {:.2} to {:.2} | {:.0} | {} | {} | {} |",
            group.name,
            group.bytes,
            task.name,
            quantile(ratios, 0.5),
            quantile(ratios, 0.25),
            quantile(ratios, 0.75),
            quantile(nanos, 0.5),
            heap.count_total,
            heap.bytes_total,
            heap.bytes_max,
        );
    }
}

/// How often a task runs in about [`BATCH`].
fn batch_size(task: &Task) -> u32 {
    let mut size = 1;
    while time(task, size) < BATCH.as_secs_f64() {
        size *= 2;
    }
    size
}

/// Seconds.
fn time(task: &Task, times: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        (task.run)();
    }
    start.elapsed().as_secs_f64()
}

fn quantile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * at).round() as usize]
}
