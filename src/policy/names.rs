//! From the manifest and the catalogue to the schema: every name that a case, a policy or an expression may use.

use super::bundle::Private;
use super::decode::{DottedId, LocalizedText, Spanned};
use super::files::{AttributeEntry, AttributesFile, BundleFile};
use super::texts::Texts;
use crate::both;
use crate::diagnostic::{Diagnostic, Problems, Span, codes};
use crate::expr::check::suggestion;
use crate::facts::catalogue::{StaticEnum, StaticRecord};
use crate::facts::{
    BUILT_IN, ENUMS, EnumType, Fact, FactId, Field, Member, Members, Origin, RECORDS, RecordType, Schema, StaticType,
    Type, id,
};
use crate::text::Bilingual;

/// Builds the schema of everything but derived facts; and names the attributes that it lacks, as they can't be read.
pub fn schema(
    manifest: &BundleFile,
    attributes: &[&AttributesFile],
    texts: &Texts<'_>,
    problems: &mut Problems,
) -> (Schema, Vec<String>) {
    let mut schema = Schema::default();
    let mut untyped = Vec::new();
    for of in ENUMS {
        let members = match of.members {
            Members::Fixed(_) => fixed(of, texts),
            Members::Vocabulary { .. } => vocabulary(of.name, manifest, texts, problems),
        };
        schema.add_enum(EnumType::new(of.name, members));
    }
    for record in RECORDS {
        let fields = fields(record, &schema, texts);
        schema.add_record(RecordType { name: record.name.into(), fields });
    }
    for fact in BUILT_IN {
        let title = texts.bilingual(fact.zh, fact.en);
        let ty = built_in_type(&fact.ty, &schema);
        schema.add_fact(Fact { path: fact.path.into(), ty, title, origin: Origin::BuiltIn, slope: 0 });
    }
    for file in attributes {
        for entry in &file.list {
            untyped.extend(attribute(entry, &mut schema, texts, problems).err());
        }
    }
    (schema, untyped)
}

/// Sets apart the personal facts that the manifest declares. The schema then keeps them out of every expression.
pub fn privacy(manifest: &BundleFile, schema: &mut Schema, problems: &mut Problems) -> Vec<Private> {
    let mut private: Vec<Private> = Vec::new();
    for entry in &manifest.privacy {
        let path: &str = entry.fact.value.as_ref();
        let refuse = |code, message, help: Option<Bilingual>| {
            let problem = Diagnostic::error(code, entry.fact.span.clone(), message);
            help.into_iter().fold(problem, Diagnostic::help)
        };
        let Some(id) = schema.find(path) else {
            let message = both!("没有 `{path}` 这个事实", "unknown fact `{path}`");
            let help = suggestion(path, schema.facts().iter().map(|fact| &*fact.path));
            problems.push(refuse(codes::UNKNOWN_FACT, message, help));
            continue;
        };
        let is_text = schema.fact(id).is_some_and(|fact| fact.ty == Type::Text || fact.ty == Type::list(Type::Text));
        if READ_BY_THE_SERVICE.contains(&id) {
            let message = both!(
                "服务自己要读 `{path}`，决策日志必须照原样保存它",
                "the service itself reads `{path}`, so the decision log has to keep it as it was sent"
            );
            problems.push(refuse(codes::PRIVATE_FACT, message, None));
        } else if !is_text {
            let message =
                both!("只有文本和文本列表可以声明为个人信息", "only texts and lists of texts can be declared private");
            problems.push(refuse(codes::TYPE_MISMATCH, message, None));
        } else if schema.is_private(id) {
            problems.push(refuse(codes::DUPLICATE_ID, both!("`{path}` 重复了", "`{path}` is declared twice"), None));
        } else {
            schema.set_private(id);
            private.push(Private { path: path.into(), record: entry.record });
        }
    }
    private
}

/// Facts by which the service itself answers: which shop's rules hold, for which version of the request.
const READ_BY_THE_SERVICE: [FactId; 2] = [id::SHOP_ID, id::REQUEST_VERSION];

fn fixed(of: &StaticEnum, texts: &Texts<'_>) -> Vec<Member> {
    let Members::Fixed(members) = of.members else { return Vec::new() };
    members
        .iter()
        .map(|member| Member { id: member.name.into(), title: texts.bilingual(member.zh, member.en) })
        .collect()
}

fn vocabulary(name: &str, manifest: &BundleFile, texts: &Texts<'_>, problems: &mut Problems) -> Vec<Member> {
    let entries: Vec<(&Spanned<DottedId>, &LocalizedText)> = match name {
        "role" => manifest.roles.iter().map(|entry| (&entry.id, &entry.title)).collect(),
        "action" => manifest.actions.iter().map(|entry| (&entry.id, &entry.title)).collect(),
        "remedy" => manifest.remedies.iter().map(|entry| (&entry.id, &entry.title)).collect(),
        "platform" => manifest.platforms.iter().map(|entry| (&entry.id, &entry.title)).collect(),
        "issue_class" => manifest.issue_classes.iter().map(|entry| (&entry.id, &entry.title)).collect(),
        "tier" => manifest.tiers.iter().map(|entry| (&entry.id, &entry.title)).collect(),
        "return_means" => manifest.return_means.iter().map(|entry| (&entry.id, &entry.title)).collect(),
        "channel" => manifest.channels.iter().map(|entry| (&entry.id, &entry.title)).collect(),
        _ => Vec::new(),
    };
    let mut members: Vec<Member> = Vec::with_capacity(entries.len());
    let mut places: Vec<&Span> = Vec::new();
    for (id, title) in entries {
        let text: &str = id.value.as_ref();
        let title = texts.localized(title, problems);
        if let Some(first) = members.iter().position(|member| &*member.id == text) {
            let message = both!("`{text}` 重复了", "`{text}` is declared twice");
            let mut problem = Diagnostic::error(codes::DUPLICATE_ID, id.span.clone(), message);
            if let Some(place) = places.get(first) {
                problem = problem.related((*place).clone(), both!("第一次在这里", "first declared here"));
            }
            problems.push(problem);
            continue;
        }
        members.push(Member { id: text.into(), title });
        places.push(&id.span);
    }
    members
}

fn fields(record: &StaticRecord, schema: &Schema, texts: &Texts<'_>) -> Vec<Field> {
    let field = |field: &crate::facts::catalogue::StaticField| Field {
        name: field.name.into(),
        ty: built_in_type(&field.ty, schema),
        title: texts.bilingual(field.zh, field.en),
    };
    record.fields.iter().map(field).collect()
}

fn built_in_type(ty: &StaticType, schema: &Schema) -> Type {
    match ty {
        StaticType::Bool => Type::Bool,
        StaticType::Count | StaticType::Number => Type::Number,
        StaticType::Money => Type::Money,
        StaticType::Text => Type::Text,
        StaticType::Instant => Type::Instant,
        StaticType::Date => Type::Date,
        StaticType::Duration => Type::Duration,
        // The catalogue names only enumerations and records that it has; a test holds it.
        StaticType::Enum(name) => schema.enum_named(name).map_or(Type::Text, Type::Enum),
        StaticType::Record(name) => schema.record_named(name).map_or(Type::Text, Type::Record),
        StaticType::List(of) => Type::list(built_in_type(of, schema)),
        StaticType::Map(of) => Type::Map(Box::new(built_in_type(of, schema))),
    }
}

/// Adds an attribute; its path is the error where its type can't be told.
fn attribute(
    entry: &AttributeEntry,
    schema: &mut Schema,
    texts: &Texts<'_>,
    problems: &mut Problems,
) -> Result<(), String> {
    let path = format!("attributes.{}", entry.id.value);
    let title = texts.localized(&entry.title, problems);
    let Some(ty) = attribute_type(&path, entry, schema, texts, problems) else { return Err(path) };
    let fact = Fact { path: path.as_str().into(), ty, title, origin: Origin::Attribute, slope: 0 };
    if schema.add_fact(fact).is_none() {
        let message = both!("`{path}` 重复了", "`{path}` is declared twice");
        problems.push(Diagnostic::error(codes::DUPLICATE_ID, entry.id.span.clone(), message));
    }
    Ok(())
}

fn attribute_type(
    path: &str,
    entry: &AttributeEntry,
    schema: &mut Schema,
    texts: &Texts<'_>,
    problems: &mut Problems,
) -> Option<Type> {
    if entry.ty.value.contains("record") {
        let mut fields = Vec::new();
        for field in &entry.fields {
            let inner = format!("{path}.{}", field.id.value);
            let ty = attribute_type(&inner, field, schema, texts, problems)?;
            fields.push(Field {
                name: field.id.value.as_ref().into(),
                ty,
                title: texts.localized(&field.title, problems),
            });
        }
        schema.add_record(RecordType { name: path.into(), fields });
    }
    type_of(path, &entry.ty, &entry.values, schema, texts, problems)
}

/// The type that a policy's author wrote; a text with `values` is an enumeration of its own.
pub fn type_of(
    path: &str,
    ty: &Spanned<String>,
    values: &[Spanned<String>],
    schema: &mut Schema,
    texts: &Texts<'_>,
    problems: &mut Problems,
) -> Option<Type> {
    for (at, value) in values.iter().enumerate() {
        if let Some(first) = values.iter().take(at).find(|first| first.value == value.value) {
            let word = &value.value;
            let message = both!("`{word}` 重复了", "`{word}` is written twice");
            let problem = Diagnostic::error(codes::DUPLICATE_ID, value.span.clone(), message);
            problems.push(problem.related(first.span.clone(), both!("第一次在这里", "first written here")));
        }
    }
    if let Some(first) = values.first().filter(|_| !ty.value.contains("text")) {
        let message = both!("只有文本才能列出取值", "only a text can have a set of values");
        let help = both!("把类型写成 `text`", "make its type `text`");
        problems.push(Diagnostic::error(codes::WRONG_FORM, first.span.clone(), message).help(help));
        return None;
    }
    if !values.is_empty() {
        let members =
            values.iter().map(|value| Member { id: value.value.as_str().into(), title: texts.same(&value.value) });
        schema.add_enum(EnumType::new(path, members.collect()));
    }
    let found = written_type(ty.value.trim(), path, !values.is_empty(), schema);
    if found.is_none() {
        let word = &ty.value;
        let simple = ["bool", "number", "money", "text", "instant", "date", "duration", "list<text>"];
        let message = both!("`{word}` 不是一种类型", "`{word}` is not a type");
        let problem = Diagnostic::error(codes::UNKNOWN_NAME, ty.span.clone(), message);
        problems.push(suggestion(word, simple.into_iter()).into_iter().fold(problem, Diagnostic::help));
    }
    found
}

fn written_type(word: &str, path: &str, valued: bool, schema: &Schema) -> Option<Type> {
    let inside = |outer: &str| word.strip_prefix(outer)?.strip_prefix('<')?.strip_suffix('>').map(str::trim);
    if let Some(of) = inside("list") {
        return written_type(of, path, valued, schema).map(Type::list);
    }
    if let Some(of) = inside("map") {
        return written_type(of, path, valued, schema).map(|of| Type::Map(Box::new(of)));
    }
    Some(match word {
        "bool" => Type::Bool,
        "number" => Type::Number,
        "money" => Type::Money,
        "text" if valued => Type::Enum(schema.enum_named(path)?),
        "text" => Type::Text,
        "instant" => Type::Instant,
        "date" => Type::Date,
        "duration" => Type::Duration,
        "record" => Type::Record(schema.record_named(path)?),
        name => match schema.enum_named(name) {
            Some(of) => Type::Enum(of),
            None => Type::Record(schema.record_named(name)?),
        },
    })
}
