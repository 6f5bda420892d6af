package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bauta/masking"
)

// maxNumbers bounds what is imported at once, in bytes: some 18 million numbers.
const maxNumbers = 256 << 20

// guessable is how many numbers are so few that the hash of their file would tell
// them: all files of that few can be tried out.
const guessable = 10

// listed is a number of a list, and its line.
type listed struct {
	line   int
	number masking.Number
}

// list is what was read from a list of numbers.
type list struct {
	lines   int
	numbers []listed
	// bad are the lines that hold no number.
	bad []int
	// hash is the SHA-256 of the whole input in hex, "" of one with few numbers.
	hash string
}

// readAll reads a list from a file, or from in where file is "".
func readAll(file string, in io.Reader) (_ []byte, err error) {
	if file != "" {
		opened, err := os.Open(file) //nolint:gosec // the operator names the file
		if err != nil {
			return nil, usageError{fmt.Errorf("--file: %w", err)}
		}
		defer func() { _ = opened.Close() }()
		in = opened
	}
	data, err := io.ReadAll(io.LimitReader(in, maxNumbers+1))
	if err != nil {
		return nil, fmt.Errorf("read the numbers: %w", err)
	}
	if len(data) > maxNumbers {
		return nil, usageError{fmt.Errorf("there are more than %d MiB of numbers: split them into several files", maxNumbers>>20)}
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return nil, usageError{errors.New("the numbers are in UTF-16: save them as UTF-8 (CSV UTF-8 in spreadsheets)")}
		}
	}
	return data, nil
}

// readList reads numbers from a line on, counted from 1: one a line, or in the first
// column of CSV. Blank lines, and comments behind #, say nothing. Step is called for
// every line.
func readList(data []byte, from int, country string, step func()) list {
	var l list
	sum := sha256.Sum256(data)
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		l.lines++
		step()
		text, _, _ := strings.Cut(line, "#")
		if text = strings.TrimSpace(text); text == "" || l.lines < from {
			continue
		}
		number, ok := masking.ParseDialled(firstColumn(text), country)
		if !ok {
			l.bad = append(l.bad, l.lines)
			continue
		}
		l.numbers = append(l.numbers, listed{l.lines, number})
	}
	if len(l.numbers) >= guessable {
		l.hash = hex.EncodeToString(sum[:])
	}
	return l
}

// firstColumn of a line of CSV with commas, semicolons or tabs.
func firstColumn(line string) string {
	if end := strings.IndexAny(line, ",;\t"); end >= 0 {
		line = line[:end]
	}
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(line), `"'`))
}
