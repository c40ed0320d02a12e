// graphql-ws's own server of graphql-transport-ws. The peer of `examples/scenarios/graphql-transport-ws.ws`.
const { GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } = require("graphql");
const { WebSocketServer } = require("ws");
const { useServer } = require("graphql-ws/use/ws");

async function* countdown(_, { from }) {
  for (let left = from; left >= 0; left--) yield { countdown: left };
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: "Query", fields: { hello: { type: GraphQLString, resolve: () => "world" } } }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: {
      countdown: {
        type: GraphQLInt,
        args: { from: { type: new GraphQLNonNull(GraphQLInt) } },
        subscribe: countdown,
      },
    },
  }),
});

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", path: "/graphql" }, () => console.log(server.address().port));
const onConnect = ({ connectionParams }) => connectionParams?.token === "open-sesame";
useServer({ schema, onConnect }, server);
