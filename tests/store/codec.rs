//! Records: what is written is read, forever, and nothing else is.

use std::path::PathBuf;

use wherefore::model::fact::Fact;
use wherefore::model::time::Instant;
use wherefore::store::codec::{
    CodecError, Commit, decode_commit, decode_fact, encode_commit, encode_fact, encode_record,
};
use wherefore::store::{Body, Number, Touched};

use super::facts::{changes, ending, mixed, righted, spans, stretching};

const NUMBER: Number = Number {
    sequence: 5,
    position: 3,
};

fn commits() -> Vec<Commit> {
    let plain = Commit {
        sequence: 2,
        recorded: Instant::from_micros(1_700_000_000_000_001),
        author: "tester".to_owned(),
        key: None,
        content: None,
        facts: 3,
        already_known: 4,
        parts: 1,
        facts_per_part: 65_536,
        previous: [9; 32],
        header: None,
    };
    let full = Commit {
        sequence: 1,
        key: Some("request-1".to_owned()),
        content: Some([3; 32]),
        previous: [0; 32],
        header: Some(r#"{"zone":"UTC"}"#.to_owned()),
        ..plain.clone()
    };
    vec![plain, full]
}

/// Every shape of record, encoded.
fn encoded() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = mixed()
        .iter()
        .map(|stated| {
            let mut bytes = Vec::new();
            encode_fact(stated, &mut bytes).unwrap();
            bytes
        })
        .collect();
    all.extend(commits().iter().map(|commit| encode_commit(commit).unwrap()));
    // Shapes that came later stand behind: the numbers of the golden files are their places here.
    all.extend(spans().iter().map(|stated| {
        let mut bytes = Vec::new();
        encode_fact(stated, &mut bytes).unwrap();
        bytes
    }));
    all.extend(changes().iter().map(|stated| {
        let mut bytes = Vec::new();
        let touched = Touched {
            subjects: vec!["ann".into(), "bob".into()],
            everyone: true,
        };
        encode_record(stated, &touched, &mut bytes).unwrap();
        bytes
    }));
    let later = righted().into_iter().chain(ending()).chain(stretching());
    all.extend(later.map(|stated| {
        let mut bytes = Vec::new();
        encode_fact(&stated, &mut bytes).unwrap();
        bytes
    }));
    all
}

#[test]
fn facts_come_back_as_they_were_stated() {
    for stated in mixed()
        .into_iter()
        .chain(spans())
        .chain(changes())
        .chain(righted())
        .chain(ending())
        .chain(stretching())
    {
        let mut bytes = b"before".to_vec();
        let content = encode_fact(&stated, &mut bytes).unwrap();
        let record = decode_fact(NUMBER, &bytes[6..]).unwrap();
        assert!(content < bytes.len() - 6);
        assert_eq!(record.number, NUMBER);
        assert_eq!(record.section, stated.fact.section());
        assert_eq!(record.id.as_deref(), stated.fact.id());
        assert_eq!(record.place, stated.place);
        assert_eq!(record.subjects, stated.fact.subjects());
        assert_eq!(record.occurred, stated.fact.occurred());
        assert_eq!(record.recording, stated.recording);
        assert_eq!(record.target(), stated.target());
        match (&record.body, &stated.fact) {
            (Body::Act(act), Fact::Act(expected)) => {
                assert_eq!(act, expected);
                assert_eq!(record.item.as_deref().unwrap_or_default(), &*stated.item);
            }
            (Body::Item(text), _) => assert_eq!(**text, *stated.item),
            (Body::Act(_), _) => panic!("an item became an act"),
        }
    }
    for commit in commits() {
        assert_eq!(decode_commit(&encode_commit(&commit).unwrap()).unwrap(), commit);
    }
}

#[test]
fn the_place_is_no_part_of_the_content() {
    let mut a = mixed().swap_remove(9);
    let mut first = Vec::new();
    let content = encode_fact(&a, &mut first).unwrap();
    a.place.line = 4_000;
    let mut second = Vec::new();
    assert_eq!(encode_fact(&a, &mut second).unwrap(), content);
    assert_eq!(first[..content], second[..content]);
    assert_ne!(first, second);
}

#[test]
fn short_long_and_unknown_records_are_refused_by_name() {
    for bytes in encoded() {
        let decode = |bytes: &[u8]| -> Result<(), CodecError> {
            match bytes.get(1) {
                Some(3) => decode_commit(bytes).map(|_| ()),
                _ => decode_fact(NUMBER, bytes).map(|_| ()),
            }
        };
        decode(&bytes).unwrap();
        for len in 0..bytes.len() {
            assert!(
                matches!(decode(&bytes[..len]), Err(CodecError::Malformed(_))),
                "{len}"
            );
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(decode(&longer), Err(CodecError::Trailing(1)));
        let newer = [&[2], &bytes[1..]].concat();
        assert_eq!(decode(&newer), Err(CodecError::Version(2)));
        for kind in [0, 4, 7, 10, 255] {
            let other = [&bytes[..1], &[kind], &bytes[2..]].concat();
            assert_eq!(decode(&other), Err(CodecError::Kind(kind)));
        }
    }
}

/// A generator of numbers that look random and are the same every time (`SplitMix64`).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

#[test]
fn hostile_bytes_give_errors_and_nothing_worse() {
    let corpus = encoded();
    let mut numbers = Numbers(42);
    let (mut refused, mut taken) = (0, 0);
    for case in 0..100_000 {
        let mut bytes = if case % 4 == 0 {
            let len = numbers.below(64);
            let mut bytes: Vec<u8> = (0..len).map(|_| numbers.next().to_le_bytes()[0]).collect();
            // Most begin like a record, or nothing behind the first two bytes would ever be tried.
            if let [version, kind, ..] = &mut bytes[..]
                && case % 16 != 0
            {
                *version = 1;
                *kind = [1, 2, 3, 5, 6, 9][numbers.below(6)];
            }
            bytes
        } else {
            corpus[numbers.below(corpus.len())].clone()
        };
        if case % 4 != 0 {
            for _ in 0..=numbers.below(3) {
                let at = numbers.below(bytes.len());
                match numbers.below(5) {
                    0 => bytes[at] ^= 1 << numbers.below(8),
                    // The markers of the widest lengths.
                    1 => bytes[at] = 251 + (numbers.next() % 5) as u8,
                    2 => bytes.truncate(at.max(1)),
                    3 => bytes.insert(at, 255),
                    _ => {
                        let end = (at + 9).min(bytes.len());
                        bytes[at..end].fill(0xFE);
                    }
                }
            }
        }
        for outcome in [
            decode_fact(NUMBER, &bytes).map(|_| ()),
            decode_commit(&bytes).map(|_| ()),
        ] {
            match outcome {
                Ok(()) => taken += 1,
                Err(_) => refused += 1,
            }
        }
    }
    // Some changes make another good record; that is for the digests to find.
    assert!(
        refused > 150_000 && taken > 1_000,
        "{refused} refused, {taken} taken"
    );
}

#[test]
fn huge_lengths_are_refused_at_once() {
    // A record whose identifier, or list of subjects, claims 2^40 bytes.
    let huge = [253, 0, 0, 0, 0, 0, 1, 0, 0];
    let id = [&[1, 1, 20, 1], &huge[..]].concat();
    assert!(matches!(decode_fact(NUMBER, &id), Err(CodecError::Malformed(_))));
    let subjects = [&[1, 1, 20, 1, 1, b'x', 0, 5, 0, 0, 0], &huge[..]].concat();
    assert!(matches!(
        decode_fact(NUMBER, &subjects),
        Err(CodecError::Malformed(_))
    ));
}

/// Records of every released format, written once and read by every later version. A change that breaks this
/// test breaks every store on disk: add a new kind or version instead. New files are added with
/// `WHEREFORE_GOLDEN=write`, which never touches one that is there.
#[test]
fn records_of_every_released_format_are_read_forever() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/records");
    if std::env::var_os("WHEREFORE_GOLDEN").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        for (i, bytes) in encoded().iter().enumerate() {
            let stem = folder.join(format!("v1-{i:02}"));
            if !stem.with_extension("bin").exists() {
                std::fs::write(stem.with_extension("bin"), bytes).unwrap();
                std::fs::write(stem.with_extension("txt"), describe(bytes)).unwrap();
            }
        }
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "bin"))
        .collect();
    files.sort();
    assert!(files.len() >= 22);
    for file in files {
        let described = std::fs::read_to_string(file.with_extension("txt")).unwrap();
        assert_eq!(
            describe(&std::fs::read(&file).unwrap()),
            described,
            "{}",
            file.display()
        );
    }
    for (i, bytes) in encoded().iter().enumerate() {
        let stored = std::fs::read(folder.join(format!("v1-{i:02}.bin"))).unwrap();
        assert_eq!(
            *bytes, stored,
            "record {i} is written in another form than before"
        );
    }
}

fn describe(bytes: &[u8]) -> String {
    if bytes.get(1) == Some(&3) {
        format!("{:#?}\n", decode_commit(bytes).unwrap())
    } else {
        let text = format!("{:#?}\n", decode_fact(NUMBER, bytes).unwrap());
        // What later versions know of records, where these first ones say nothing of it.
        text.replace(
            "    recording: Recording {\n        recorded: None,\n        corrects: None,\n    },\n    retracts: None,\n    \
             touched: Touched {\n        subjects: [],\n        everyone: false,\n    },\n",
            "",
        )
        .replace("            value: None,\n            lifts: false,\n", "")
    }
}
