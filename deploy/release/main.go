// Command release builds what is given out: an archive for each platform with the static
// program, its manual pages, completions and licences, a bill of materials for each, and
// the checksums of all. The same commit gives the same bytes, wherever it is built.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

const platforms = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	var r release
	flag.StringVar(&r.root, "root", "..", "the repository")
	flag.StringVar(&r.out, "out", "../dist", "folder to write to; it must not exist")
	list := flag.String("platforms", platforms, "for which systems and processors")
	flag.Parse()
	r.platforms = strings.Split(*list, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := r.make(ctx)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}
