//! The route table: each line registers a handler and is what `nexus routes` prints.
//!
//! A handler's first argument is its `Guard`; one without does not compile.

use actix_web::dev::Handler;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Resource, Responder, Route, guard, web};

use schemars::JsonSchema;

use super::can::Guard;
use super::idempotency;
use super::openapi::route::{Argument, Body, Success, schema_of};
use crate::records::Listed;

/// Whoever may GET may ask for the HEAD of it.
fn accepting(method: &Method) -> Route {
    match *method {
        Method::GET => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
        _ => web::method(method.clone()),
    }
}

#[derive(Clone, Debug)]
pub struct RouteInfo {
    pub method: String,
    pub path: String,
    pub audience: &'static str,
    /// `contacts.edit`, or empty.
    pub permission: String,
    pub body: Option<Body>,
    pub success: Success,
}

/// Collects routes below a prefix; `mount` hands them to actix.
pub struct Routes {
    prefix: String,
    resources: Vec<(String, Resource)>,
    pub table: Vec<RouteInfo>,
}

/// What the arguments of a handler say about who may call it: the first of them is the guard.
pub trait Guarded {
    fn audience() -> &'static str;
    fn permission() -> Option<(&'static str, &'static str)>;
    fn body() -> Option<Body>;
}

macro_rules! guarded {
    ($($rest:ident)*) => {
        impl<G: Guard, $($rest: Argument),*> Guarded for (G, $($rest,)*) {
            fn audience() -> &'static str { G::audience() }
            fn permission() -> Option<(&'static str, &'static str)> { G::permission() }
            fn body() -> Option<Body> {
                let bodies: &[fn() -> Option<Body>] = &[$($rest::body),*];
                bodies.iter().find_map(|body| body())
            }
        }
    };
}
guarded!();
guarded!(A);
guarded!(A B);
guarded!(A B C);
guarded!(A B C D);
guarded!(A B C D E);

impl Routes {
    pub fn under(prefix: &str) -> Routes {
        Routes {
            prefix: prefix.to_owned(),
            resources: Vec::new(),
            table: Vec::new(),
        }
    }

    pub fn get<F, Args>(&mut self, path: &str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Guarded + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, handler)
    }

    pub fn post<F, Args>(&mut self, path: &str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Guarded + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, handler)
    }

    pub fn patch<F, Args>(&mut self, path: &str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Guarded + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::PATCH, path, handler)
    }

    pub fn put<F, Args>(&mut self, path: &str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Guarded + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::PUT, path, handler)
    }

    pub fn delete<F, Args>(&mut self, path: &str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Guarded + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::DELETE, path, handler)
    }

    fn add<F, Args>(&mut self, method: Method, path: &str, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Guarded + 'static,
        F::Output: Responder + 'static,
    {
        let route = accepting(&method).to(handler);
        let permission = Args::permission();
        self.place(
            path,
            RouteInfo {
                method: method.to_string(),
                path: format!("{}{path}", self.prefix),
                audience: Args::audience(),
                permission: permission.map_or_else(String::new, |(r, a)| format!("{r}.{a}")),
                body: Args::body(),
                success: Success::Unsaid,
            },
            route,
        )
    }

    /// `path` is that below the prefix.
    fn place(&mut self, path: &str, info: RouteInfo, route: Route) -> &mut Self {
        self.table.push(info);
        // One resource for each path, so that a wrong method is a 405 and not a 404.
        let place = match self.resources.iter().position(|(p, _)| p == path) {
            Some(i) => i,
            None => {
                let resource = web::resource(path.to_owned());
                self.resources.push((path.to_owned(), resource));
                self.resources.len() - 1
            }
        };
        let (path, resource) = self.resources.remove(place);
        self.resources.insert(place, (path, resource.route(route)));
        self
    }

    /// The route just named takes a form whose schema is known; it is the one that its handler reads.
    pub fn takes<T: JsonSchema>(&mut self) -> &mut Self {
        let reader = std::any::type_name::<T>();
        let body = &mut self.last().body;
        debug_assert_eq!(body.as_ref().map(|body| body.reader), Some(reader));
        *body = Some(Body {
            reader,
            schema: schema_of::<T>,
        });
        self
    }

    /// The route just named shows this.
    pub fn shows<T: JsonSchema>(&mut self) -> &mut Self {
        self.says(Success::Shown(schema_of::<T>))
    }

    /// The route just named shows a record as it is, with its version.
    pub fn versions<T: JsonSchema>(&mut self) -> &mut Self {
        self.says(Success::Versioned(schema_of::<T>))
    }

    /// The route just named makes a record.
    pub fn makes<T: JsonSchema>(&mut self) -> &mut Self {
        self.says(Success::Made(schema_of::<T>))
    }

    /// The route just named lists records of this kind.
    pub fn lists<T: Listed>(&mut self) -> &mut Self
    where
        T::Row: JsonSchema,
    {
        self.says(Success::list_of::<T>())
    }

    /// The route just named does something and has nothing to say of it.
    pub fn does(&mut self) -> &mut Self {
        self.says(Success::Done)
    }

    fn says(&mut self, success: Success) -> &mut Self {
        self.last().success = success;
        self
    }

    fn last(&mut self) -> &mut RouteInfo {
        self.table
            .last_mut()
            .unwrap_or_else(|| unreachable!("a route is described before it is named"))
    }

    /// Each prefix is matched once, and what stands below it by its own part of the path alone.
    pub fn mount(self, config: &mut web::ServiceConfig) {
        let Routes {
            prefix,
            mut resources,
            table,
        } = self;
        // The first that matches is taken, so `/contacts/new` has to stand before `/contacts/{id}`.
        resources.sort_by_key(|(path, _)| {
            let parts = path.split('/').map(|part| part.contains('{'));
            parts.collect::<Vec<_>>()
        });
        let mut scope = web::scope(&prefix);
        for (path, resource) in resources {
            let full = format!("{prefix}{path}");
            let takes_post = |route: &RouteInfo| route.path == full && route.method == "POST";
            scope = match table.iter().any(takes_post) {
                true => scope.service(resource.wrap(from_fn(idempotency::once))),
                false => scope.service(resource),
            };
        }
        config.service(scope);
    }
}
