package app

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/sharing"
	"bauta/redis/ledger"
)

func newConsents(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "consents",
		Short: "Export and verify the ledger of what customers decided",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newConsentsExport(std), newConsentsVerify(std), newConsentsKey(std))
	return c
}

func newConsentsKey(std Std) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "key",
		Short: "Print the public key (PEM) that verifies the signed heads of ledgers",
		Long: `Prints the Ed25519 public key, in PEM, with which anybody can verify signed heads: those of bauta consents export, and those that
businesses get with number_shared. It is derived from the key file.`,
		Example: "  bauta consents key --config bauta.yaml >bauta-ledger.pem",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, set, err := load(std, path, config.StoreSecrets)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(std.Out, sharing.NewSigner(set).PublicKey())
			return err
		},
	}
	configFlag(c, &path)
	return c
}

// exporting says what is exported, and where to.
type exporting struct{ path, business, format, out string }

func newConsentsExport(std Std) *cobra.Command {
	var e exporting
	c := &cobra.Command{
		Use:   "export",
		Short: "Export a business's ledger as JSON lines or CSV",
		Long: `Writes the lines of the ledger, oldest first. JSON lines are the very bytes that are chained: the SHA-256 of each is prev of the next.
CSV is for reading. The signed head is printed on standard error: keep it with the export.`,
		Example: "  bauta consents export --config bauta.yaml --business acme --out acme.jsonl\n" +
			"  bauta consents export --config bauta.yaml --business acme --format csv",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd.Context(), std) },
	}
	configFlag(c, &e.path)
	c.Flags().StringVar(&e.business, "business", "", "id of the business")
	c.Flags().StringVar(&e.format, "format", "jsonl", "jsonl or csv")
	c.Flags().StringVar(&e.out, "out", "", "file to write, which must not exist; default: standard output")
	return c
}

func (e *exporting) run(ctx context.Context, std Std) (err error) {
	switch {
	case e.business == "":
		return usageError{errors.New("say whose: --business")}
	case e.format != "jsonl" && e.format != "csv":
		return usageError{errors.New("--format: jsonl or csv")}
	}
	k, err := openLasting(ctx, std, e.path, e.business, config.StoreSecrets)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	head, err := k.deciding.ledger.Head(ctx, e.business)
	if err != nil {
		return err
	}
	if e.out == "" {
		return e.write(ctx, std, k, head, std.Out)
	}
	file, err := os.OpenFile(e.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usageError{fmt.Errorf("--out: %w", err)}
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, os.Remove(e.out)) // half a ledger passes for one
		}
	}()
	return e.write(ctx, std, k, head, file)
}

// write writes the lines up to the head.
func (e *exporting) write(ctx context.Context, std Std, k *core, head sharing.Head, to io.Writer) error {
	out := bufio.NewWriter(to)
	table := csv.NewWriter(out)
	if e.format == "csv" {
		_ = table.Write(sharing.CSVHeader()) // told by Flush
	}
	bar := newProgress(std.Err, "lines", int(head.Seq))
	defer bar.clear()
	err := eachLine(ctx, k.deciding.ledger, e.business, head.Seq, func(entry ledger.Entry) error {
		bar.step()
		if e.format == "csv" {
			_, place, err := sharing.Decode(entry.Raw)
			if err != nil {
				return err
			}
			return table.Write(entry.Line.CSV(place, sharing.HashOf(entry.Raw)))
		}
		_, err := out.Write(append(entry.Raw, '\n'))
		return err
	})
	table.Flush()
	if err := errors.Join(err, table.Error(), out.Flush()); err != nil {
		return err
	}
	bar.clear()
	_, err = fmt.Fprintf(std.Err, "%s of %s; head %s\nsigned: %s\n", count(bar.done, "line", "lines"), e.business, headOf(head), head.Signed)
	return err
}

// headOf is a head for people: number and hash of the last line.
func headOf(h sharing.Head) string {
	if h.Seq == 0 {
		return "none"
	}
	return fmt.Sprintf("%d %s", h.Seq, strings.ToLower(h.Hash))
}

// eachLine visits the lines of a ledger up to a seq, oldest first.
func eachLine(ctx context.Context, l *ledger.Ledger, business string, last int64, do func(ledger.Entry) error) error {
	for after := int64(0); after < last; {
		entries, err := l.Page(ctx, business, after, page)
		for _, entry := range entries {
			if entry.Seq > last {
				return nil
			}
			if err := do(entry); err != nil {
				return err
			}
			after = entry.Seq
		}
		if err != nil || len(entries) == 0 {
			return err
		}
	}
	return nil
}
