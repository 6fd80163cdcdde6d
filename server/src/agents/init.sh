#!/bin/sh
# Fetches the agent of this workspace from its Hearth server and becomes it.
set -u
url=@ACCESS_URL@
name=hearth-@PLATFORM@
export CODER_AGENT_URL="$url"

# What Terraform was told is not for the workspace.
for variable in $(env | sed -n 's/^\(TF_[A-Za-z0-9_]*\)=.*/\1/p'); do
  unset "$variable"
done

if command -v curl > /dev/null 2>&1; then
  fetch() { curl -fsSL --connect-timeout 10 "$1"; }
elif command -v wget > /dev/null 2>&1; then
  fetch() { wget -q -T 10 -O - "$1"; }
else
  echo "The Hearth agent is fetched with curl or wget: install one of them in the workspace's image." >&2
  exit 1
fi

# A folder that nobody else can have prepared.
own() {
  mkdir -p -m 700 "$1" 2> /dev/null && [ -O "$1" ] && [ -w "$1" ] && [ ! -L "$1" ]
}

# Kept under its hash, so that it is fetched once by all workspaces of a machine.
become_agent() {
  hash=$(fetch "$url/bin/$name.sha256") || return
  case $hash in
    "" | *[!0-9a-f]*) return ;;
  esac
  for folder in "/tmp/hearth-agent-$(id -u)" "${HOME:-/nowhere}/.cache/hearth"; do
    own "$folder" || continue
    agent=$folder/$name-$hash
    if [ ! -x "$agent" ]; then
      fetch "$url/bin/$name?sha256=$hash" > "$agent.$$" && chmod 700 "$agent.$$" && mv -f "$agent.$$" "$agent"
      rm -f "$agent.$$"
      # Three versions are enough; one that still runs does not mind.
      ls -t "$folder/$name-"* 2> /dev/null | tail -n +4 | while read -r old; do rm -f "$old"; done
    fi
    # It may be that nothing can be started from this folder. If it is the program that cannot be, this says why.
    "$agent" --version > /dev/null && exec "$agent" agent
  done
}

pause=1
while :; do
  become_agent
  echo "The Hearth agent could not be started from $url; trying again in $pause s." >&2
  sleep "$pause"
  [ "$pause" -ge 10 ] || pause=$((pause + 1))
done
