import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { filesBelow, root } from "../workspace";

/** What the source says of a schema, and of the members of its object. */
export interface SchemaComments {
  readonly text: string | undefined;
  readonly members: ReadonlyMap<string, string>;
}

/** The comments above the schemas of `packages/protocol` and above their members, by the schema's name in the source. */
export function schemaComments(): Map<string, SchemaComments> {
  const files = filesBelow("packages/protocol/src/schemas", ".ts").filter(
    (path) => !path.endsWith(".test.ts"),
  );
  return new Map(files.flatMap((path) => commentsIn(readFileSync(join(root, path), "utf8"))));
}

/** The comments in one source, by the name of the constant they stand above. */
export function commentsIn(source: string): [string, SchemaComments][] {
  const file = ts.createSourceFile("x.ts", source, ts.ScriptTarget.Latest, true);
  return file.statements.filter(ts.isVariableStatement).flatMap((statement) =>
    statement.declarationList.declarations.map(({ name, initializer }): [string, SchemaComments] => {
      const members = membersOf(initializer).map(
        (member) => [member.name.getText(), textAbove(member)] as const,
      );
      const told = members.filter((member): member is [string, string] => member[1] !== undefined);
      return [name.getText(), { text: textAbove(statement), members: new Map(told) }];
    }),
  );
}

/** The members of `z.object({…})`. */
function membersOf(value: ts.Expression | undefined): ts.PropertyAssignment[] {
  if (value === undefined || !ts.isCallExpression(value)) return [];
  const [shape] = value.arguments;
  return shape !== undefined && ts.isObjectLiteralExpression(shape)
    ? shape.properties.filter(ts.isPropertyAssignment)
    : [];
}

function textAbove(node: ts.Node): string | undefined {
  const comment = ts.getJSDocCommentsAndTags(node).at(-1)?.comment;
  return ts.getTextOfJSDocComment(comment)?.replace(/\{@link (\S+?)\s*\}/g, "`$1`");
}
