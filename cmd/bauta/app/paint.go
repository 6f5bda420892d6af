package app

import (
	"os"
	"strings"

	"golang.org/x/term"
)

// Terminal colours.
const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	green = "\x1b[32m"
	plain = "\x1b[0m"
)

// painter colours text on a terminal, and leaves it alone elsewhere and where
// NO_COLOR is set (https://no-color.org).
type painter bool

func newPainter(std Std) painter {
	file, ok := std.Out.(*os.File)
	if value, set := std.Env("NO_COLOR"); set && value != "" {
		return false
	}
	return painter(ok && term.IsTerminal(int(file.Fd())))
}

func (p painter) with(colour, text string) string {
	if !p {
		return text
	}
	return colour + text + plain
}

// different colours the lines of text that other does not have.
func (p painter) different(text, other, colour string) string {
	lines := strings.Split(text, "\n")
	there := map[string]int{}
	for line := range strings.SplitSeq(other, "\n") {
		there[strings.TrimSuffix(line, ",")]++
	}
	for i, line := range lines {
		if key := strings.TrimSuffix(line, ","); there[key] > 0 {
			there[key]--
		} else {
			lines[i] = p.with(colour, line)
		}
	}
	return strings.Join(lines, "\n")
}
