//! The same facts, asked through the library and over GraphQL.

use serde_json::{Map, Value, json};
use wherefore::api;
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::import::{self, Format};
use wherefore::model::time::Instant;
use wherefore::question;
use wherefore::report::json::{self as printed, Ground};

use crate::graphql::fixture::Server;

/// What all facts of these tests begin with; more stands behind.
pub const HEAD: &str = "\
scenario: asked
as_of: 2025-01-01T00:00:00+08:00
timezone: Asia/Shanghai
home: CN
subjects: [{id: ana, born: 1990-04-01}, {id: kim, born: 2013-03-01}, {id: tom}]
categories: [{id: contact}, {id: health, sensitive: true}, {id: result}]
fields:
  - {id: email, category: contact}
  - {id: email-hash, category: contact, state: deidentified, key: illness}
  - {id: email-count, category: contact, state: anonymized}
  - {id: illness, category: health}
  - {id: score, category: result}
processors:
  - {id: shop, kind: controller, country: CN}
  - {id: bank, kind: controller, country: CN}
  - {id: lab, kind: controller, country: SG}
  - {id: lab-us, kind: controller, country: US}
  - {id: cloud, kind: delegate, country: CN}
  - {id: sub, kind: delegate, country: CN}
  - {id: press, kind: public}
purposes: [{id: orders}, {id: orders.mail, parent: orders}, {id: ads}, {id: research}]
";

/// Facts that can be asked in both ways.
pub struct Asked {
    pub snapshot: Snapshot,
    pub server: Server,
}

/// The tests' present: the `as_of` of [`HEAD`].
fn clock() -> Instant {
    Instant::parse("2025-01-01T00:00:00+08:00").expect("an instant")
}

impl Asked {
    /// [`HEAD`] and these sections.
    pub fn of(sections: &str) -> Self {
        Self::with(HEAD, sections)
    }

    /// Another head and these sections.
    pub fn with(head: &str, sections: &str) -> Self {
        let text = format!("{head}{sections}");
        let document = import::read_alone(&text, "asked", Format::Yaml)
            .unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert!(document.warnings.is_empty(), "{:?}", document.warnings);
        let db = Db::in_memory(AsOf::Fixed(clock())).expect("a store");
        let batch = Batch::read(&text, "asked.yaml").expect("valid");
        db.commit(batch, clock()).expect("committed");
        Self {
            snapshot: Snapshot::of_document(document),
            server: Server::with(api::schema(db, clock), |_| {}),
        }
    }

    /// The library's answer.
    pub fn directly(&self, question: &Value) -> Value {
        let asked =
            question::read(&question.to_string()).unwrap_or_else(|error| panic!("{question}: {error}"));
        let snapshot = self
            .snapshot
            .clone()
            .known_at(asked.as_known_at)
            .unwrap_or_else(|error| panic!("{question}: {error}"));
        let answer = snapshot
            .ask(&asked.question, None)
            .unwrap_or_else(|error| panic!("{question}: {error}"));
        let ground = Ground {
            sequence: None,
            head: None,
            known_at: None,
            as_of: answer.as_of,
            zone: snapshot.zone(),
        };
        printed::answer(&asked.question, &answer, &ground)
    }

    /// The verdict and the witness of a reach question, the same in both ways.
    pub fn reach(&self, question: Value) -> (String, Vec<String>) {
        let mut question = question;
        question["ask"] = "reach".into();
        let told = self.directly(&question);
        let (field, arguments) = graphql(&question);
        let query = format!("{{ {field}{arguments} {{ verdict witness {{ act }} arrivals contradicted }} }}");
        let answer = self.server.data(&query)[field].clone();
        assert_eq!(
            answer["verdict"].as_str().expect("a verdict").to_lowercase(),
            told["verdict"].as_str().expect("a verdict"),
            "{question}"
        );
        let acts: Vec<Value> = steps(&answer["witness"]);
        assert_eq!(Value::from(acts), told["witness"], "{question}");
        for key in ["arrivals", "contradicted"] {
            assert_eq!(answer[key], told[key], "{question}");
        }
        (
            told["verdict"].as_str().expect("a verdict").to_owned(),
            strings(&told["witness"]),
        )
    }

    /// The rows of a judged question, the same in both ways.
    pub fn rows(&self, question: &Value) -> Vec<Row> {
        let told = self.directly(question);
        let (field, arguments) = graphql(question);
        let query = format!(
            "{{ {field}{arguments} {{ verdict reasons {{ code }} rows {{ code text at last count act processor recipient purpose \
             subjects fields because due parties witness {{ act }} }} }} }}"
        );
        let answer = self.server.data(&query)[field].clone();
        let verdict = answer["verdict"].as_str().expect("a verdict").to_lowercase();
        assert_eq!(
            verdict,
            told["verdict"].as_str().expect("a verdict"),
            "{question}"
        );
        let own = told["rows"].as_array().expect("rows");
        let theirs = answer["rows"].as_array().expect("rows");
        assert_eq!(own.len(), theirs.len(), "{question}: {answer:#}");
        for (own, their) in own.iter().zip(theirs) {
            assert_eq!(&as_library(their), own, "{question}");
        }
        own.iter().cloned().map(Row).collect()
    }

    /// The codes of the rows.
    pub fn codes(&self, question: &Value) -> Vec<String> {
        self.rows(question).iter().map(|row| row.get("code")).collect()
    }

    /// The codes of the library's reasons.
    pub fn reasons(&self, question: &Value) -> Vec<String> {
        let told = self.directly(question);
        let reasons = told["reasons"].as_array().expect("reasons").iter();
        reasons
            .map(|reason| reason["code"].as_str().expect("a code").to_owned())
            .collect()
    }
}

/// A row as the library prints it.
#[derive(Debug)]
pub struct Row(pub Value);

impl Row {
    /// A text; empty without one.
    pub fn get(&self, key: &str) -> String {
        self.0[key].as_str().unwrap_or_default().to_owned()
    }

    /// A list of texts.
    pub fn list(&self, key: &str) -> Vec<String> {
        strings(&self.0[key])
    }
}

pub fn strings(list: &Value) -> Vec<String> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice).iter();
    list.map(|item| item.as_str().expect("a text").to_owned())
        .collect()
}

fn steps(witness: &Value) -> Vec<Value> {
    let steps = witness.as_array().expect("a witness").iter();
    steps.map(|step| step["act"].clone()).collect()
}

/// A row of GraphQL in the keys of the library.
fn as_library(row: &Value) -> Value {
    let mut map = Map::new();
    for (key, value) in row.as_object().expect("a row") {
        let value = if key == "witness" {
            Value::from(steps(value))
        } else {
            value.clone()
        };
        let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let key = match key.as_str() {
            "act" => "event",
            "recipient" => "to",
            key => key,
        };
        if !is_empty {
            map.insert(key.to_owned(), value);
        }
    }
    map.into()
}

/// A question of the library as a field of GraphQL and its arguments.
fn graphql(question: &Value) -> (&str, String) {
    let kind = question["ask"].as_str().expect("a kind");
    let lists = match kind {
        "erasure" => &[("field", "fields")][..],
        "decisions" => &[("field", "fields"), ("category", "categories")],
        _ => &[],
    };
    let mut arguments: Vec<String> = Vec::new();
    for (key, value) in question.as_object().expect("a question") {
        if key == "ask" {
            continue;
        }
        let list = lists.iter().find(|(name, _)| name == key);
        let name = list.map_or_else(|| camel(key), |(_, many)| (*many).to_owned());
        let value = match (key.as_str(), value.as_str()) {
            ("during", Some(window)) => {
                let (from, until) = window.split_once('/').expect("a window");
                let side = |name, at: &str| (at != "..").then(|| format!("{name}: {}", json!(at)));
                let sides: Vec<String> = [side("from", from), side("until", until)]
                    .into_iter()
                    .flatten()
                    .collect();
                format!("{{{}}}", sides.join(", "))
            }
            (_, Some(text)) if list.is_some() => json!([text]).to_string(),
            (_, _) => value.to_string(),
        };
        arguments.push(format!("{name}: {value}"));
    }
    let arguments = if arguments.is_empty() {
        String::new()
    } else {
        format!("({})", arguments.join(", "))
    };
    (kind, arguments)
}

fn camel(key: &str) -> String {
    let mut parts = key.split('_');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(1);
        out.push_str(&first.to_uppercase());
        out.push_str(rest);
    }
    out
}
