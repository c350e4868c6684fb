// Prints the Dockerfiles on standard input that BuildKit accepts, with the images that BuildKit's own parser finds in
// them. It uses the packages of a checkout of https://github.com/moby/buildkit; see main.rs.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type dockerfile struct {
	Text string `json:"text"`
	Images []string `json:"images"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var file dockerfile
		if err := json.Unmarshal(lines.Bytes(), &file); err != nil {
			panic(err)
		}
		if file.Images = images(file.Text); file.Images == nil {
			continue
		}
		if err := out.Encode(file); err != nil {
			panic(err)
		}
	}
}

// images returns nil for a file that BuildKit refuses. It follows frontend/dockerfile/dockerfile2llb/convert.go.
func images(text string) []string {
	ast, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return nil
	}
	stages, metaArgs, err := instructions.Parse(ast.AST, nil)
	if err != nil {
		return nil
	}
	lex := shell.NewLex(ast.EscapeToken)
	var env []string
	for _, command := range metaArgs {
		for _, arg := range command.Args {
			if arg.Value != nil {
				value, err := lex.ProcessWordWithMatches(*arg.Value, shell.EnvsFromSlice(env))
				if err != nil {
					return nil
				}
				env = append(env, arg.Key+"="+value.Result)
			}
		}
	}
	found := []string{}
	names := map[string]bool{}
	for index, stage := range stages {
		base, err := lex.ProcessWordWithMatches(stage.BaseName, shell.EnvsFromSlice(env))
		if err != nil || base.Result == "" {
			return nil
		}
		if !names[base.Result] {
			found = append(found, base.Result)
		}
		names[stage.Name] = stage.Name != ""
		for _, command := range stage.Commands {
			switch command := command.(type) {
			case *instructions.CopyCommand:
				if number, err := strconv.Atoi(command.From); err == nil {
					if number < 0 || number >= index {
						return nil
					}
				} else if command.From != "" && !names[strings.ToLower(command.From)] {
					found = append(found, command.From)
				}
			case *instructions.RunCommand:
				for _, mount := range instructions.GetMounts(command) {
					if mount.From != "" && !names[strings.ToLower(mount.From)] {
						found = append(found, mount.From)
					}
				}
			}
		}
	}
	return found
}
