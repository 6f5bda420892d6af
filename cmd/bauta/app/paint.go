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

// line is one line of a text, and whether another text does not have it.
type line struct {
	text    string
	differs bool
}

// compare marks the lines of text that other does not have.
func compare(text, other string) []line {
	there := map[string]int{}
	for l := range strings.SplitSeq(other, "\n") {
		there[strings.TrimSuffix(l, ",")]++
	}
	var lines []line
	for l := range strings.SplitSeq(text, "\n") {
		key := strings.TrimSuffix(l, ",")
		lines = append(lines, line{text: l, differs: there[key] <= 0})
		there[key]--
	}
	return lines
}

// whole is all lines, those that differ in a colour.
func (p painter) whole(lines []line, colour string) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.text
		if l.differs {
			out[i] = p.with(colour, l.text)
		}
	}
	return strings.Join(out, "\n")
}

// brief is the lines that differ, each with its neighbours; "" if none does.
func (p painter) brief(lines []line, colour string) string {
	var out []string
	last := -1
	for i, l := range lines {
		near := l.differs || i > 0 && lines[i-1].differs || i+1 < len(lines) && lines[i+1].differs
		if !near {
			continue
		}
		if i > last+1 {
			out = append(out, "  ...")
		}
		last = i
		if l.differs {
			l.text = p.with(colour, l.text)
		}
		out = append(out, l.text)
	}
	return strings.Join(out, "\n")
}
