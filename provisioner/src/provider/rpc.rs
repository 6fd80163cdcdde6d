//! The provider as a gRPC service: one method per message of the plugin protocol, dispatched by its path.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use prost::Message;
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Response, Status,
    body::Body,
    server::{Grpc, NamedService, UnaryService},
};
use tonic_prost::ProstCodec;
use tower_service::Service;

use super::{
    Provider, pb, resources,
    schema::{Block, PROVIDER, data_sources::DATA_SOURCES, resources::RESOURCES},
    validate::{Problem, check},
    values::{Fields, Malformed, Object, Unset, Value, complete},
};

/// As Terraform allows itself.
const LARGEST_MESSAGE: usize = 256 << 20;

impl Provider {
    fn schema() -> pb::ProviderSchema {
        let table = |rows: &[(&str, Block)]| {
            rows.iter().map(|(name, block)| ((*name).to_owned(), block.to_pb())).collect()
        };
        pb::ProviderSchema {
            provider: Some(PROVIDER.to_pb()),
            resources: table(RESOURCES),
            data_sources: table(DATA_SOURCES),
            capabilities: Some(pb::Capabilities { get_provider_schema_optional: true }),
        }
    }

    fn validate_provider(request: pb::ProviderConfig) -> Result<pb::ProviderConfigChecked, Status> {
        let problems = check(&PROVIDER, &object(request.config)?);
        Ok(pb::ProviderConfigChecked { diagnostics: diagnostics(problems) })
    }

    fn configure_provider(&self, request: pb::Configure) -> Result<pb::Checked, Status> {
        self.configure(object(request.config)?.value("url").as_str());
        Ok(pb::Checked::default())
    }

    fn validate(table: &[(&str, Block)], request: pb::TypedConfig) -> Result<pb::Checked, Status> {
        let problems = check(row(table, &request.type_name)?, &object(request.config)?);
        Ok(pb::Checked { diagnostics: diagnostics(problems) })
    }

    fn read_data_source(&self, request: pb::TypedConfig) -> Result<pb::State, Status> {
        let block = row(DATA_SOURCES, &request.type_name)?;
        let config = complete(block, object(request.config)?, Unset::Null);
        Ok(match self.read_data(&request.type_name, config) {
            Ok(state) => pb::State { state: Some(encode(&Value::Map(state))?), diagnostics: Vec::new() },
            Err(problems) => pb::State { state: None, diagnostics: diagnostics(problems) },
        })
    }

    fn upgrade_state(request: pb::Upgrade) -> Result<pb::State, Status> {
        let block = row(RESOURCES, &request.type_name)?;
        let json = request.raw_state.unwrap_or_default().json;
        let state = resources::upgrade(block, Value::from_json(&json).map_err(refuse)?);
        Ok(pb::State { state: Some(encode(&state)?), diagnostics: Vec::new() })
    }

    fn read_resource(&self, request: pb::Read) -> Result<pb::State, Status> {
        let state = self.refresh(&request.type_name, decode(request.current)?);
        Ok(pb::State { state: Some(encode(&state)?), diagnostics: Vec::new() })
    }

    fn plan_change(request: pb::Plan) -> Result<pb::Planned, Status> {
        let block = row(RESOURCES, &request.type_name)?;
        let planned = resources::plan(block, &decode(request.prior)?, decode(request.proposed)?);
        let step = |name: &str| pb::Step { selector: Some(pb::Selector::Attribute(name.to_owned())) };
        Ok(pb::Planned {
            planned: Some(encode(&planned.value)?),
            requires_replace: planned
                .replaced_by
                .into_iter()
                .map(|name| pb::AttributePath { steps: vec![step(name)] })
                .collect(),
            diagnostics: Vec::new(),
            // `display_apps` may be given in part, and is then filled in.
            legacy_type_system: request.type_name == "coder_agent",
        })
    }

    fn apply_change(&self, request: pb::Apply) -> Result<pb::Applied, Status> {
        let block = row(RESOURCES, &request.type_name)?;
        Ok(match self.apply(&request.type_name, block, decode(request.planned)?) {
            Ok(state) => pb::Applied { state: Some(encode(&state)?), diagnostics: Vec::new() },
            Err(problem) => pb::Applied { state: None, diagnostics: diagnostics(vec![problem]) },
        })
    }
}

fn row<'a>(table: &'a [(&str, Block)], type_name: &str) -> Result<&'a Block, Status> {
    let found = table.iter().find(|(name, _)| *name == type_name);
    found.map(|(_, block)| block).ok_or_else(|| Status::not_found(format!("there is no {type_name}")))
}

fn decode(value: Option<pb::DynamicValue>) -> Result<Value, Status> {
    Value::from_msgpack(&value.unwrap_or_default().msgpack).map_err(refuse)
}

fn object(value: Option<pb::DynamicValue>) -> Result<Object, Status> {
    let Value::Map(object) = decode(value)? else { return Ok(Object::new()) };
    Ok(object)
}

fn encode(value: &Value) -> Result<pb::DynamicValue, Status> {
    Ok(pb::DynamicValue { msgpack: value.to_msgpack().map_err(refuse)? })
}

#[expect(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn refuse(error: Malformed) -> Status {
    Status::invalid_argument(error.to_string())
}

fn diagnostics(problems: Vec<Problem>) -> Vec<pb::Diagnostic> {
    problems.into_iter().map(Problem::into_pb).collect()
}

type Answer = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

/// `tfplugin6.Provider`. Methods that it does not have are things that no template can use.
#[derive(Clone)]
pub struct ProviderService(pub Arc<Provider>);

impl NamedService for ProviderService {
    const NAME: &'static str = "tfplugin6.Provider";
}

impl Service<http::Request<Body>> for ProviderService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        let provider = Arc::clone(&self.0);
        Box::pin(async move { Ok(dispatch(provider, request).await) })
    }
}

async fn dispatch(provider: Arc<Provider>, r: http::Request<Body>) -> http::Response<Body> {
    let method = r.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    match method.as_str() {
        "GetProviderSchema" => unary(r, |_: pb::Empty| Ok(Provider::schema())).await,
        "ValidateProviderConfig" => unary(r, Provider::validate_provider).await,
        "ConfigureProvider" => unary(r, move |q| provider.configure_provider(q)).await,
        "ValidateResourceConfig" => unary(r, |q| Provider::validate(RESOURCES, q)).await,
        "ValidateDataResourceConfig" => unary(r, |q| Provider::validate(DATA_SOURCES, q)).await,
        "ReadDataSource" => unary(r, move |q| provider.read_data_source(q)).await,
        "UpgradeResourceState" => unary(r, Provider::upgrade_state).await,
        "ReadResource" => unary(r, move |q| provider.read_resource(q)).await,
        "PlanResourceChange" => unary(r, Provider::plan_change).await,
        "ApplyResourceChange" => unary(r, move |q| provider.apply_change(q)).await,
        "StopProvider" => unary(r, |_: pb::Empty| Ok(pb::Stopped::default())).await,
        _ => Status::unimplemented(method).into_http(),
    }
}

/// `plugin.GRPCController`, by which Terraform ends a plugin that it has started.
#[derive(Clone)]
pub struct ControllerService(pub CancellationToken);

impl NamedService for ControllerService {
    const NAME: &'static str = "plugin.GRPCController";
}

impl Service<http::Request<Body>> for ControllerService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        let shutdown = self.0.clone();
        Box::pin(async move {
            let answer = unary(request, |_: pb::Empty| Ok(pb::Empty {})).await;
            shutdown.cancel();
            Ok(answer)
        })
    }
}

/// A function as a gRPC method.
struct Method<F>(F);

impl<I, O, F> UnaryService<I> for Method<F>
where
    F: FnMut(I) -> Result<O, Status>,
{
    type Response = O;
    type Future = Ready<Result<Response<O>, Status>>;

    fn call(&mut self, request: Request<I>) -> Self::Future {
        ready((self.0)(request.into_inner()).map(Response::new))
    }
}

async fn unary<I, O, F>(request: http::Request<Body>, method: F) -> http::Response<Body>
where
    I: Message + Default + 'static,
    O: Message + Default + 'static,
    F: FnMut(I) -> Result<O, Status> + Send,
{
    Grpc::new(ProstCodec::<O, I>::default())
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE)
        .unary(Method(method), request)
        .await
}
