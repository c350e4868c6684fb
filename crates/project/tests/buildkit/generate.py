"""Prints generated Dockerfiles as JSON lines, for oracle.go: see main.rs."""

import json
import random

NAMES = ["a", "p-base", "p-base:1.0", "localhost:5000/p/x", "builder", "one", "Two", "0", "1", "7"]
PLAIN = [
    "ENTRYPOINT []", 'CMD ["a", "b"]', "CMD []", "ENV A=1 B='two words'", 'LABEL a="x \\" y"', "EXPOSE 80/tcp",
    "HEALTHCHECK NONE", "HEALTHCHECK CMD true", "WORKDIR /x y", "USER a", "VOLUME /a /b", 'VOLUME ["/a"]',
    "STOPSIGNAL 9", 'SHELL ["sh", "-c"]', "ONBUILD RUN true", "MAINTAINER x", "ADD a b", "COPY a b", "RUN",
    "NONSENSE x", "ENV A", "COPY a", 'RUN ["a", 1]', "RUN echo '", "RUN echo \"${T\"", "# FROM no", "#", "",
    "  ", "\t# x", "RUN echo a \\\\", "RUN echo a\\b", "ARG LATER=x", "run true", "Copy --from=a x y",
]
HEREDOCS = [
    "RUN cat > /x <<EOF\nFROM no\nEOF", "RUN cat <<'EOF' >/x\nFROM no $X\nEOF", "COPY <<-EOF /x\n\tFROM no\n\tEOF",
    "RUN <<A <<B\nFROM no\nA\nFROM no2\nB", 'RUN <<"A B"\nFROM no\nA B', "RUN 3<<EOF cat\nFROM no\nEOF",
    "RUN cat << EOF\nFROM no\nEOF", "RUN cat <<EOF \\\n  >/x\nFROM no\nEOF", "ADD <<EOF /x\nFROM no \\\nEOF",
    "ONBUILD RUN cat <<EOF\nFROM no\nEOF", 'RUN ["cat", "<<EOF"]', "RUN cat <<< EOF", "RUN echo '<<EOF'",
    "RUN echo \"<<EOF\"", "RUN echo \\<<EOF", "RUN echo $(( 1<<2 ))\n2 ))", "RUN cat <<$X\nFROM no\n$X",
    "RUN cat <<${X:-a}\nFROM no\n${X:-a}", "RUN cat <<EOF\nnever", "LABEL a=<<EOF", "ENV X=<<EOF",
    "RUN cat <<EOF\r\nFROM no\r\nEOF\r", "RUN cat <<a\\ b\nFROM no\na b", "RUN [ 1 <<EOF ]\nFROM no\nEOF",
    'RUN ["a"] <<EOF', "RUN --mount=type=cache,target=/c <<EOF\nFROM no\nEOF", "RUN x<<EOF",
]
FORMS = [
    "$T", "${T}", "${T:-d}", "${T-d}", "${T:+e}", "${T+e}", "${T:?m}", "${T?m}", "${T#*/}", "${T##*/}", "${T%:*}",
    "${T%%b*}", "${T/b/c}", "${T//a/c}", "${T/*/z}", "${T/\\//-}", "${T:-${U:-deep}}", "${T:-\"q\"}", "'$T'", '"$T"',
    "\\$T", "x$T", "${T}x${U}", "${U-u}", "${T^}", "${T:#x}", "${}", "${T", "$", "$1", "${T:-a b}", "${T%}", "${T#?}",
    "${T:-${U}}", "${T:+${T}-x}", "${T/x}", "${T//[a]/x}", "${T/a.b/x}", "${T%\\*}", "${T%\\x}", "`$T",
]
VALUES = ["", "=", "=a", "=a/b/c:1", "='p q'", '="p"', "=${U}-x", "=${U:-base}", "=p\\ q", "=aab", "=a*", "=${T}y"]


def stage_line(pick):
    kind = pick.random()
    if kind < 0.35:
        return pick.choice(PLAIN)
    if kind < 0.55:
        return pick.choice(HEREDOCS)
    if kind < 0.75:
        flags = pick.choice(["", "--chown=1:2 ", '--chmod="0755" ', "--link ", "\\\n  "])
        copy = pick.choice(["COPY", "copy", "  COPY"])
        return f"{copy} {flags}--from={pick.choice(NAMES)} {pick.choice(['', '--link ', '-- '])}/a /a"
    mount = pick.choice(
        ["type=bind,from={},target=/t", "From={},target=/t", "target=/t,type=cache,from={}", "type=bind,target=/t"]
    ).format(pick.choice(NAMES))
    mount = pick.choice([mount, f'"{mount}"', mount.replace(",", "\\\n,", 1)])
    return f"RUN --mount={mount} {pick.choice(['', '--network=none ', '--mount=type=tmpfs,target=/q '])}true"


def dockerfile(pick):
    lines = pick.choice([[]] * 8 + [["# syntax=docker/dockerfile:1"], ["# escape=`"], ["# check=skip=all", "# escape = \\"],
                                    ["# a comment", "# escape=`"], ["# Escape=`", ""], ["\ufeff# escape=`"]])[:]
    lines += [pick.choice(["# x", "", "  "]) for _ in range(pick.choice([0, 0, 1]))]
    for _ in range(pick.choice([0, 1, 1, 2, 3])):
        lines.append("ARG " + " ".join(pick.choice("TUV") + pick.choice(VALUES) for _ in range(pick.choice([1, 1, 2]))))
    for _ in range(pick.choice([1, 1, 2, 3])):
        image = pick.choice(NAMES[:6]) if pick.random() < 0.4 else pick.choice(["", "p-"]) + pick.choice(FORMS)
        platform = pick.choice(["", "", "--platform=linux/amd64 ", '--platform="linux/arm64" '])
        name = pick.choice(["", "", " AS builder", " as Two", " AS one", " \\\n  AS \\\n# c\n\n one"])
        lines.append(f"{pick.choice(['FROM', 'from', ' FROM'])} {platform}{image}{name}")
        lines += [stage_line(pick) for _ in range(pick.choice([0, 1, 2, 4]))]
    return pick.choice(["\n", "\n", "\n", "\r\n"]).join(lines) + pick.choice(["\n", ""])


def main():
    pick = random.Random(10)
    for _ in range(3000):
        print(json.dumps({"text": dockerfile(pick)}))


main()
