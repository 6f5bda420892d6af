package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"bauta/cmd/bauta/app/config"
	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
)

const (
	// importBatch is how many numbers are looked up at once.
	importBatch = 500
	// badLines are told at most.
	badLines = 100
)

// importing says what is imported.
type importing struct {
	path, business, file, country string
	from                          int
}

func newImportKnown(std Std) *cobra.Command {
	var i importing
	c := &cobra.Command{
		Use:   "import-known",
		Short: "Make customers known whose numbers the business has: they are not hidden",
		Long: `Reads phone numbers with their country codes, one a line or in the first column of CSV; blank lines and what follows # are left
out. Each that leads to nobody becomes a customer who is visible to the business (reason known), also when they click an ad later.
Whoever is there already, hidden, visible or erased, stays as they are, and nothing tells who or how many those are.

What was begun is written to the consent ledger first: how many numbers, and the SHA-256 of the input (not of one with fewer than ` +
			fmt.Sprint(guessable) + `
numbers, which could be guessed from it). An import that was interrupted says from which line to go on; to begin anew does no harm.`,
		Example: "  bauta customers import-known --config bauta.yaml --business acme --file numbers.txt\n" +
			"  bauta customers import-known --config bauta.yaml --business acme --country IT <numbers.csv",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return i.run(cmd.Context(), std) },
	}
	configFlag(c, &i.path)
	c.Flags().StringVar(&i.business, "business", "", "id of the business")
	c.Flags().StringVar(&i.file, "file", "", "file with the numbers; default: standard input")
	c.Flags().IntVar(&i.from, "from-line", 1, "begin at this line")
	c.Flags().StringVar(&i.country, "country", "", "ISO country, such as IT, of numbers that are written without country code")
	return c
}

func (i *importing) check(std Std) error {
	input, isFile := std.In.(*os.File)
	switch {
	case i.business == "":
		return usageError{errors.New("say whose: --business")}
	case i.from < 1:
		return usageError{errors.New("--from-line: lines are counted from 1")}
	case i.country != "" && !regexp.MustCompile(`^[A-Z]{2}$`).MatchString(i.country):
		return usageError{errors.New("--country: write an ISO country code, such as IT")}
	case i.file == "" && isFile && term.IsTerminal(int(input.Fd())):
		return usageError{errors.New("there are no numbers: --file, or standard input")}
	}
	return nil
}

func (i *importing) run(ctx context.Context, std Std) (err error) {
	if err := i.check(std); err != nil {
		return err
	}
	data, err := readAll(i.file, std.In)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return usageError{fmt.Errorf("%s is empty: give it phone numbers with their country codes, one a line", i.input())}
	}
	k, err := openLasting(ctx, std, i.path, i.business, config.StoreSecrets)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	reading := newProgress(std.Err, "lines read", 0)
	l := readList(data, i.from, i.country, reading.step)
	reading.clear()
	if i.from > max(l.lines, 1) {
		return usageError{fmt.Errorf("--from-line %d: there are only %s", i.from, count(l.lines, "line", "lines"))}
	}
	i.tell(std.Err, l.bad)
	if len(l.numbers) > 0 {
		if err := i.record(ctx, k, l); err != nil {
			return err
		}
		if err := i.all(ctx, std, k, l.numbers); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(std.Out, "%s read, %d of them bad; whose number nobody had is known to %s now\n",
		count(l.lines, "line", "lines"), len(l.bad), i.business); err != nil {
		return err
	}
	if len(l.bad) > 0 {
		return fmt.Errorf("%s no phone number with its country code", count(len(l.bad), "line holds", "lines hold"))
	}
	return nil
}

// tell says which lines are bad, never what is in them.
func (i *importing) tell(out io.Writer, bad []int) {
	name := i.input()
	for _, line := range bad[:min(len(bad), badLines)] {
		_, _ = fmt.Fprintf(out, "%s:%d: no phone number with its country code\n", name, line)
	}
	if more := len(bad) - badLines; more > 0 {
		_, _ = fmt.Fprintf(out, "%s: and %d more\n", name, more)
	}
}

// input names where the numbers come from.
func (i *importing) input() string {
	if i.file == "" {
		return "standard input"
	}
	return i.file
}

// record writes the import down before it begins, so that none goes unrecorded.
func (i *importing) record(ctx context.Context, k *core, l list) error {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return fmt.Errorf("draw an id: %w", err)
	}
	_, err := k.deciding.ledger.Append(ctx, i.business, []sharing.Line{{
		ID: "import:" + base64.RawURLEncoding.EncodeToString(id), At: time.Now(), Type: sharing.LineImported,
		By: "operator", Action: "command", Reason: count(len(l.numbers), "number", "numbers"), TextHash: l.hash,
	}})
	return err
}

// all imports the numbers, batch by batch. What breaks it off says from where to go on.
func (i *importing) all(ctx context.Context, std Std, k *core, numbers []listed) error {
	importer := webhook.NewImporter(k.vault, k.handles, time.Now)
	bar := newProgress(std.Err, "numbers", len(numbers))
	defer bar.clear()
	for batch := range slices.Chunk(numbers, importBatch) {
		some := make([]masking.Number, len(batch))
		for at := range batch {
			some[at] = batch[at].number
		}
		if err := importer.Known(ctx, i.business, some); err != nil {
			return fmt.Errorf("broken off: %w; go on with --from-line %d", err, batch[0].line)
		}
		for range batch {
			bar.step()
		}
	}
	return nil
}
