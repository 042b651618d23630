import type { CommandShape, OptionShape } from "./shape";

/** A completion script for zsh. */
export function zshScript(commands: readonly CommandShape[]): string {
  return `#compdef mcp-events
# zsh completion for mcp-events: mcp-events completion zsh > "\${fpath[1]}/_mcp-events"
_mcp_events() {
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${description.replaceAll(":", "\\:")}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${commands.map(commandCase).join("\n")}
  esac
}
if [ "$funcstack[1]" = "_mcp-events" ]; then
  _mcp_events "$@"
else
  compdef _mcp_events mcp-events
fi
`;
}

function commandCase({ name, words, options }: CommandShape): string {
  const specs = options.map((option) => quoted(optionSpec(option)));
  const first = words.length === 0 ? [] : [quoted(`1:word:(${words.join(" ")})`)];
  return `    ${name}) _arguments ${[...first, ...specs, quoted("*:argument:_default")].join(" \\\n      ")} ;;`;
}

function optionSpec({ flag, description, value }: OptionShape): string {
  const text = `*${flag}[${description.replace(/[[\]:\\]/g, "\\$&")}]`;
  if (value === "none") return text;
  if (value === "file") return `${text}:file:_files`;
  return value === "any" ? `${text}:value: ` : `${text}:value:(${value.join(" ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
