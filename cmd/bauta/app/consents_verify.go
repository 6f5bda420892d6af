package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/sharing"
)

// errNotWhole: what is wrong was printed.
var errNotWhole = errors.New("a ledger is not as it was written: find out who can write to Redis; businesses keep signed heads that tell how it was")

// verifying says which ledgers are verified.
type verifying struct{ path, business, file, head, key string }

func newConsentsVerify(std Std) *cobra.Command {
	var v verifying
	c := &cobra.Command{
		Use:   "verify",
		Short: "Verify the ledgers, or an export: every line, the chain and the signed head",
		Long: `Reads every line and checks that it is chained to the one before, and that the head is signed. With --file an export in JSON lines
is verified without the store; with --head too, the signed head that came with the export or with number_shared is checked against it,
by the key file of the configuration, or, as a stranger does, by the public key that bauta consents key prints (--key).

An older state of a whole ledger is in order by itself: whoever has a later head can tell.`,
		Example: "  bauta consents verify --config bauta.yaml\n" +
			"  bauta consents verify --file acme.jsonl\n" +
			"  bauta consents verify --config bauta.yaml --file acme.jsonl --head SIGNED\n" +
			"  bauta consents verify --key bauta-ledger.pem --file acme.jsonl --head SIGNED",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("head") && v.head == "" {
				return usageError{errors.New("--head is empty: give the signed head that came with the export")}
			}
			if v.head != "" && v.file == "" {
				return usageError{errors.New("--head goes with --file")}
			}
			if v.key != "" && v.head == "" {
				return usageError{errors.New("--key goes with --head: it verifies who signed it")}
			}
			if v.file != "" {
				return v.exported(std)
			}
			return v.stored(cmd.Context(), std)
		},
	}
	configFlag(c, &v.path)
	c.Flags().StringVar(&v.business, "business", "", "id of the business; default: all")
	c.Flags().StringVar(&v.file, "file", "", "verify this export in JSON lines instead")
	c.Flags().StringVar(&v.head, "head", "", "a signed head that the export must hold")
	c.Flags().StringVar(&v.key, "key", "", "file of the public key (PEM) that verifies the head; default: that of the configuration's key file")
	return c
}

// stored verifies the ledgers of the store.
func (v *verifying) stored(ctx context.Context, std Std) (err error) {
	k, err := openLasting(ctx, std, v.path, v.business, config.StoreSecrets)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	whole := true
	w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "BUSINESS\tLINES\tDROPPED\tFIRST\tLAST\tHEAD\tVERDICT")
	for i := range k.businesses() {
		id := k.businesses()[i].ID
		if v.business != "" && v.business != id {
			continue
		}
		bar := newProgress(std.Err, "lines of "+id, 0)
		r, err := k.deciding.ledger.Verify(ctx, id, bar.reach)
		bar.clear()
		if err != nil {
			return errors.Join(err, w.Flush())
		}
		verdict := "whole"
		if r.Fault != nil {
			verdict, whole = r.Fault.String(), false
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\t%s\n", id, r.Lines, r.Dropped, timeOf(r.First), timeOf(r.Last), headOf(r.Head), verdict)
	}
	if err := w.Flush(); err != nil || whole {
		return err
	}
	return errNotWhole
}

// timeOf is a time for people, - for none.
func timeOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// exported verifies a file.
func (v *verifying) exported(std Std) (err error) {
	file, err := os.Open(v.file)
	if err != nil {
		return usageError{fmt.Errorf("--file: %w", err)}
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	seen, fault, err := readExport(file)
	if err != nil {
		return fmt.Errorf("--file: %w", err)
	}
	if fault == nil && v.head != "" {
		if fault, err = v.vouched(std, seen); err != nil {
			return err
		}
	}
	if fault != nil {
		return fmt.Errorf("%s is not whole: %w", v.file, fault)
	}
	_, err = fmt.Fprintf(std.Out, "%s is whole: %s of %s, %s to %s; %d before them were dropped; head %s\n", v.file,
		count(len(seen.hashes), "line", "lines"), seen.business, timeOf(seen.times[0]), timeOf(seen.times[1]), seen.first-1, headOf(seen.head()))
	return err
}

// export is what was read of one.
type export struct {
	business string
	first    int64
	times    [2]time.Time
	// hashes of its lines.
	hashes []string
}

func (e *export) head() sharing.Head {
	return sharing.Head{Seq: e.first + int64(len(e.hashes)) - 1, Hash: e.hashes[len(e.hashes)-1]}
}

// readExport reads the lines of an export and verifies their chain. The fault says
// which line is wrong; the error that the file could not be read.
func readExport(in io.Reader) (e export, fault, err error) {
	const longest = 1 << 20
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longest)
	var chain *sharing.Chain
	for lines.Scan() {
		line := bytes.TrimSuffix(lines.Bytes(), []byte("\r"))
		decoded, place, fault := sharing.Decode(line)
		if fault != nil {
			return e, fmt.Errorf("line %d of the file: %w", len(e.hashes)+1, fault), nil
		}
		if chain == nil {
			if place.Seq == 1 {
				place = sharing.Begin(place.Business) // of the first line it is known what stands before
			}
			chain = sharing.NewChain(place)
			e.business, e.first, e.times[0] = place.Business, place.Seq, decoded.At
		}
		if fault := chain.Next(line); fault != nil {
			return e, fmt.Errorf("line %d of the file: %w", len(e.hashes)+1, fault), nil
		}
		e.hashes, e.times[1] = append(e.hashes, sharing.HashOf(line)), decoded.At
	}
	if err := lines.Err(); err != nil {
		return e, nil, err
	}
	if chain == nil {
		return e, nil, errors.New("there is no line in it")
	}
	return e, nil, nil
}

// verifier has the public key: one that was given, or Bauta's own.
func (v *verifying) verifier(std Std) (*sharing.Verifier, error) {
	if v.key == "" {
		_, set, err := load(std, v.path, config.StoreSecrets)
		if err != nil {
			return nil, err
		}
		return &sharing.NewSigner(set).Verifier, nil
	}
	text, err := os.ReadFile(v.key)
	if err != nil {
		return nil, usageError{fmt.Errorf("--key: %w", err)}
	}
	verifier, err := sharing.NewVerifier(text)
	if err != nil {
		return nil, usageError{fmt.Errorf("--key: %w", err)}
	}
	return verifier, nil
}

// vouched checks a signed head against an export: fault says what does not fit.
func (v *verifying) vouched(std Std, e export) (fault, err error) {
	verifier, err := v.verifier(std)
	if err != nil {
		return nil, err
	}
	business, seq, hash, err := verifier.Verify(v.head)
	switch {
	case err != nil:
		return nil, usageError{fmt.Errorf("--head: %w", err)}
	case business != e.business:
		return errors.New("the signed head is another business's"), nil
	case seq < e.first || seq > e.head().Seq:
		return fmt.Errorf("the signed head vouches for line %d, which is not in it", seq), nil
	case e.hashes[seq-e.first] != hash:
		return fmt.Errorf("line %d, or one before it, is not the one that the signed head vouches for", seq), nil
	}
	return nil, nil
}
