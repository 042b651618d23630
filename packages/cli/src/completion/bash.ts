import type { CommandShape, OptionShape } from "./shape";

/** A completion script for bash. What is no word of ours is completed as bash does by itself. */
export function bashScript(commands: readonly CommandShape[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# bash completion for mcp-events: eval "$(mcp-events completion bash)"
_mcp_events() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" words="" word
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} help --help --version" -- "$cur"))
    return
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [ "$word" = "--" ] && return
  done
  case "\${COMP_WORDS[1]}" in
${commands.map(commandCase).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _mcp_events mcp-events
`;
}

function commandCase({ name, words, options }: CommandShape): string {
  const flags = [...words, ...options.map(({ flag }) => flag), "--help"].join(" ");
  const values = options.filter(({ value }) => value !== "none").map(valueCase);
  const before =
    values.length === 0
      ? ""
      : `
      case "$prev" in
${values.join("\n")}
      esac`;
  return `    ${name})${before}
      words="${flags}"
      ;;`;
}

function valueCase({ flag, value }: OptionShape): string {
  const words = Array.isArray(value) ? `COMPREPLY=($(compgen -W "${value.join(" ")}" -- "$cur")); ` : "";
  return `        ${flag}) ${words}return ;;`;
}
