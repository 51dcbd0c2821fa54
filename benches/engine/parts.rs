//! The parts of the bench.

use std::time::Duration;

use wherefore::engine::{
    Arrivals, Backward, Base, Beginning, Columns, Extents, Flow, Frontier, Lanes, Limits, Log, Meeting,
    Moment, Narrow, Overlay, Policy, Position, Reach, Running, Start, Sweep, Ties, Wide,
};

use crate::floors::{self, Line};
use crate::graph::{Graph, MINUTES, Random};
use crate::timing::{each, least, line, once, shown};
use crate::{Asked, counting, questions};

const RUNS: usize = 5;

/// Runs the parts asked for on a graph.
pub fn run(graph: &mut Graph, asked: &Asked) {
    let flows = graph.flows();
    println!(
        "\n{flows} flows, {} holdings, {} parties",
        graph.nodes(),
        graph.parties()
    );
    let columns = build(graph, Ties::Any, false);
    let standing = build(graph, Ties::Any, true);
    if asked.wants("sweep") {
        sweep(graph, &columns, &standing);
    }
    if asked.wants("search") {
        search(graph, &columns, asked);
    }
    if asked.wants("point") {
        point(graph, &columns);
    }
    if asked.wants("later") {
        later(graph, &columns);
    }
    if asked.wants("audit") {
        audit(graph, &columns, asked);
    }
    if asked.wants("file") {
        file(graph, &columns);
    }
}

fn build(graph: &Graph, ties: Ties, standing: bool) -> Columns {
    let log = graph.log(ties, standing);
    let before = counting::bytes();
    let (time, columns) = once(|| Columns::build(&log).unwrap());
    let bytes = counting::bytes() - before;
    line(
        if standing { "build, 5% standing" } else { "build" },
        &format!(
            "{} ns/act, {:.1} bytes/act ({} pieces)",
            each(time, graph.flows()).round(),
            bytes as f64 / graph.flows() as f64,
            columns.pieces()
        ),
    );
    columns
}

/// One block of sources over all rows, beside its floors.
fn sweep(graph: &Graph, columns: &Columns, standing: &Columns) {
    let flows = graph.flows();
    let [from, to, label] = columns.in_time();
    let stream = each(least(RUNS, || floors::stream([from, to, label])), flows);
    line("floor: stream 12 bytes a row", &format!("{stream:.2} ns/act"));
    let narrow_state = vec![1_u64; graph.nodes()];
    let gather_8 = each(least(RUNS, || floors::gather_8(from, to, &narrow_state)), flows);
    line("floor: gather two words a row", &format!("{gather_8:.2} ns/act"));
    let (classes, mut held) = (vec![0_u8; graph.labels()], narrow_state.clone());
    let with_labels = || floors::gather_8_labels([from, to, label], &classes, &mut held);
    let gather_8_labels = each(least(RUNS, with_labels), flows);
    line(
        "floor: gather two words and a class, change one",
        &format!("{gather_8_labels:.2} ns/act"),
    );
    let mut lines = vec![Line([1; 8]); graph.nodes()];
    let gather_64 = each(least(RUNS, || floors::gather_64(from, to, &mut lines)), flows);
    line(
        "floor: gather one line, change another",
        &format!("{gather_64:.2} ns/act"),
    );
    let authorizations = questions::Authorizations::new(graph, columns);
    let on_standing = questions::Authorizations::new(graph, standing);
    let nothing = Policy::nothing(graph.labels());
    let tell = |what: &str, time: f64, floor: f64| {
        line(
            what,
            &format!(
                "{time:.2} ns/act, {:.2} of the gather floor, {:.2} of streaming",
                floor / time,
                stream / time
            ),
        );
    };
    let plain_64 = swept::<Narrow>(graph, columns, &nothing, &[]);
    tell("sweep, 64 sources", plain_64, gather_8);
    let audit_64 = swept::<Narrow>(graph, columns, &authorizations.policy, &authorizations.classes);
    tell("audit, 64 sources", audit_64, gather_8);
    tell("  beside the floor with a class", audit_64, gather_8_labels);
    let plain_512 = swept::<Wide>(graph, columns, &nothing, &[]);
    tell("sweep, 512 sources", plain_512, gather_64);
    let audit_512 = swept::<Wide>(graph, columns, &authorizations.policy, &authorizations.classes);
    tell("audit, 512 sources", audit_512, gather_64);
    for (what, plain, open) in [
        (
            "sweep, 64 sources, 5% standing",
            plain_64,
            swept::<Narrow>(graph, standing, &nothing, &[]),
        ),
        (
            "sweep, 512 sources, 5% standing",
            plain_512,
            swept::<Wide>(graph, standing, &nothing, &[]),
        ),
        (
            "audit, 512 sources, 5% standing",
            audit_512,
            swept::<Wide>(graph, standing, &on_standing.policy, &on_standing.classes),
        ),
    ] {
        line(
            what,
            &format!("{open:.2} ns/act, {:.2} of the speed without", plain / open),
        );
    }
}

/// Sources that begin before everything, so that every row is run.
fn swept<L: Lanes>(graph: &Graph, columns: &Columns, policy: &Policy, classes: &[u32]) -> f64 {
    let mut random = Random(9);
    let starts: Vec<Start> = (0..L::COUNT)
        .map(|_| columns.start(graph.field[random.below(graph.field.len())] as u32, -1))
        .collect();
    let forbids = |class: u32, place: usize| {
        // What is told must stay rare, as it is in an audit of what is wrong: one class in 64 forbids something.
        class as usize % 64 == 1 && !classes.is_empty() && place.is_multiple_of(8)
    };
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let mut sweep: Sweep<'_, L> = Sweep::new(columns, policy, forbids, L::COUNT);
        let mut told = 0_u64;
        let (time, ()) = once(|| {
            sweep.run(&starts, &mut |_: wherefore::engine::Carrier,
                                     _: u32,
                                     _: Position,
                                     _: L| told += 1);
        });
        best = best.min(time);
    }
    each(best, graph.flows())
}

fn search(graph: &Graph, columns: &Columns, asked: &Asked) {
    let flows = graph.flows();
    let mut frontier = Frontier::new(columns);
    // The field that reaches most from the beginning of time.
    let start = columns.start(graph.src[0] as u32, -1);
    let time = least(RUNS, || frontier.run(columns, &[start], Limits::NONE, |_| false));
    let (read, reached) = (frontier.rows_read() as usize, frontier.reached().count());
    let (begins, targets) = columns.plain_out();
    let mut seen = Vec::new();
    let floor = least(RUNS, || {
        floors::breadth_first(&begins, &targets, start.life, &mut seen)
    });
    let (edges, _) = floors::breadth_first(&begins, &targets, start.life, &mut seen);
    line(
        "floor: breadth-first search without time",
        &format!("{:.2} ns/edge, {edges} edges", each(floor, edges)),
    );
    line(
        "search forward, full reach",
        &format!(
            "{:.2} ns/row, {:.2} of the floor, {:.2} of its whole time, {read} rows read, {reached} reached, {} improvements",
            each(time, read),
            each(time, read) / each(floor, edges),
            each(time, 1) / each(floor, 1),
            frontier.improvements()
        ),
    );
    let mut arrivals = Arrivals::new(columns);
    let time = least(RUNS, || arrivals.run(columns, &[start], Position::LAST));
    line(
        "the same, with a pass that takes over",
        &format!(
            "{:.2} ns/edge of the floor's, {:.2} of the floor",
            each(time, edges),
            each(time, edges) / each(floor, edges)
        ),
    );
    let mut backward = Backward::new(columns);
    let last = graph.dst[flows - 1] as u32;
    let time = least(RUNS, || backward.run(columns, &[last], Position::LAST));
    line(
        "search back, who could have supplied",
        &format!("{}, {} lives", shown(time), backward.suppliers().len()),
    );
    let mut parties = questions::Parties::new(graph);
    let mut times = Vec::new();
    for (at, probe) in questions::probes(graph).into_iter().enumerate() {
        let mut answer = (0, 0);
        times.push(least(RUNS, || {
            answer = parties.reached(graph, columns, &mut arrivals, probe);
        }));
        if asked.answers {
            println!(
                "{{\"question\":\"reach\",\"probe\":{at},\"parties\":{},\"sum\":{},\"cpu_us\":{:.1}}}",
                answer.0,
                answer.1,
                times[at].as_nanos() as f64 / 1e3
            );
        }
    }
    line("timed reach of twenty fields, all parties", &spread(&mut times));
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 1000).min(times.len() - 1)];
    format!(
        "p50 {}, p99 {}, most {}",
        shown(at(500)),
        shown(at(990)),
        shown(times[times.len() - 1])
    )
}

fn point(graph: &Graph, columns: &Columns) {
    let mut random = Random(3);
    let pairs: Vec<((u32, i64), i32)> = (0..2_000)
        .map(|_| {
            let source = random.below(graph.field.len());
            let probe = (graph.field[source] as u32, i64::from(graph.birth[source]));
            (probe, random.below(graph.parties()) as i32)
        })
        .collect();
    let mut frontier = Frontier::new(columns);
    let asked = |(probe, party): &((u32, i64), i32)| {
        once(|| questions::reaches(graph, columns, &mut frontier, *probe, *party))
    };
    let (mut times, did): (Vec<Duration>, Vec<bool>) = pairs.iter().map(asked).unzip();
    let yes = did.iter().filter(|did| **did).count();
    line(
        "did a field reach a party (2,000 pairs), forward",
        &format!("{}, {yes} did", spread(&mut times)),
    );
    let mut meeting = Meeting::new(columns);
    let members = questions::Members::new(graph);
    let mut rows = Vec::new();
    let mut times = Vec::new();
    for ((probe, party), did) in pairs.iter().zip(&did) {
        let (time, chain) = once(|| members.reaches(columns, &mut meeting, *probe, *party));
        assert_eq!(*did, chain.is_some(), "{probe:?} to {party}");
        times.push(time);
        rows.push(meeting.rows_read());
    }
    rows.sort_unstable();
    line(
        "the same from both ends, with the chain",
        &format!(
            "{}, rows read: {} in the middle, {} at most",
            spread(&mut times),
            rows[rows.len() / 2],
            rows[rows.len() - 1]
        ),
    );
    let starts = questions::starts(graph, columns);
    let (built, extents) = once(|| Extents::new(columns, &starts));
    let mut times = Vec::new();
    for ((probe, party), did) in pairs.iter().zip(&did) {
        let (time, reaches) = once(|| members.reaches_by(columns, &extents, &mut meeting, *probe, *party));
        assert_eq!(*did, reaches.is_some(), "{probe:?} to {party}");
        times.push(time);
    }
    line(
        &format!("the same, what {} fields reach known beforehand", starts.len()),
        &format!(
            "{}, {:.1} bytes/act apart, made in {}",
            spread(&mut times),
            extents.bytes() as f64 / graph.flows() as f64,
            shown(built)
        ),
    );
}

fn audit(graph: &Graph, columns: &Columns, asked: &Asked) {
    let (time, authorizations) = once(|| questions::Authorizations::new(graph, columns));
    line(
        "classes of authorizations",
        &format!("{}, {} classes", shown(time), authorizations.classes.len()),
    );
    let starts = questions::starts(graph, columns);
    let mut answer = [0; 3];
    let time = least(RUNS, || {
        answer = questions::whole_audit(graph, columns, &authorizations, &starts, 1);
    });
    line(
        &format!("audit of {} fields, one core", starts.len()),
        &format!("{}, {answer:?}", shown(time)),
    );
    let clock = std::time::Instant::now();
    let again = questions::whole_audit(graph, columns, &authorizations, &starts, 2);
    assert_eq!(again, answer);
    line("the same on two cores, by the clock", &shown(clock.elapsed()));
    if asked.answers {
        println!(
            "{{\"question\":\"audit\",\"fields\":{},\"pairs\":{},\"crossings\":{},\"sum\":{},\"cpu_us\":{:.1}}}",
            starts.len(),
            answer[0],
            answer[1],
            answer[2],
            time.as_nanos() as f64 / 1e3
        );
    }
}

fn file(graph: &Graph, columns: &Columns) {
    let base = Base {
        sequence: 1,
        digest: [0; 32],
    };
    let folder =
        std::env::var_os("WHEREFORE_BENCH_DIR").map_or_else(std::env::temp_dir, std::path::PathBuf::from);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let path = folder.path().join("columns");
    let (time, ()) = once(|| columns.save(&path, base).unwrap());
    let bytes = std::fs::metadata(&path).unwrap().len();
    line(
        "snapshot file: write",
        &format!(
            "{}, {:.1} bytes/act",
            shown(time),
            bytes as f64 / graph.flows() as f64
        ),
    );
    let before = counting::bytes();
    let clock = std::time::Instant::now();
    let opened = Columns::open(&path, base).unwrap();
    let spent = clock.elapsed();
    line(
        "snapshot file: open, all digests checked",
        &format!(
            "{} by the clock, {} bytes of memory of its own",
            shown(spent),
            counting::bytes() - before
        ),
    );
    assert_eq!(opened.rows(), columns.rows());
}

/// What comes after the graph was built: laid over it, and taken into an audit.
fn later(graph: &Graph, columns: &Columns) {
    let mut random = Random(11);
    let flow = |at: i64, order: u32, random: &mut Random| Flow {
        at,
        order,
        from: random.below(graph.nodes()) as u32,
        to: random.below(graph.nodes()) as u32,
        label: 1 + random.below(graph.labels() - 1) as u32,
    };
    let mut change = Log::new(Ties::Any, graph.nodes() as u32);
    for order in 0..1_000 {
        let at = i64::from(MINUTES) * 19 / 20 + i64::from(order) * 200;
        change.flows.push(flow(at, order, &mut random));
    }
    let time = least(RUNS, || Overlay::new(columns, &change));
    line("lay 1,000 acts over the graph", &shown(time));
    let overlay = Overlay::new(columns, &change);
    let mut times = Vec::new();
    let mut touched = 0;
    for act in &change.flows {
        let at = overlay.moment(act.at, 0);
        let begin = Beginning {
            life: overlay.life_at(act.to, at),
            at,
        };
        let (time, reach) = once(|| Reach::new(&overlay, &[begin], Moment::LAST));
        touched += reach.lives().count();
        times.push(time);
    }
    let total: Duration = times.iter().sum();
    line(
        "what each of them can have changed",
        &format!(
            "{}, {} together, {touched} lives",
            spread(&mut times),
            shown(total)
        ),
    );
    let starts = questions::starts(graph, columns);
    let starts = &starts[..starts.len().min(512)];
    let forbids = |label: u32, source: usize| (label as usize + source).is_multiple_of(64);
    let (time, mut running) = once(|| Running::new(columns, graph.labels(), starts, forbids));
    line("begin to keep up an audit of 512 sources", &shown(time));
    let next: Vec<Flow> = (0..10_000)
        .map(|order| flow(i64::from(MINUTES) + 1 + i64::from(order), 0, &mut random))
        .collect();
    let (time, ()) = once(|| {
        for flow in &next {
            running.flow(*flow);
        }
    });
    line(
        "take in an act that comes last",
        &format!("{:.0} ns", each(time, next.len())),
    );
    let (_, mut running) = once(|| Running::new(columns, graph.labels(), starts, forbids));
    let mut times: Vec<Duration> = change
        .flows
        .iter()
        .take(200)
        .map(|flow| once(|| running.flow(*flow)).0)
        .collect();
    line("take in an act that comes half a year late", &spread(&mut times));
}
