//! Every task under criterion: `cargo bench`, or `cargo bench -- 'read: success'`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use edexa_webhooks_benches::groups;

fn events(criterion: &mut Criterion) {
    for group in groups() {
        let mut bench = criterion.benchmark_group(&group.name);
        bench.throughput(Throughput::Bytes(group.bytes as u64));
        for task in &group.tasks {
            bench.bench_function(task.name, |bencher| bencher.iter(|| (task.run)()));
        }
        bench.finish();
    }
}

criterion_group!(benches, events);
criterion_main!(benches);
