package vault

import (
	"testing"

	"bauta/redis/redistest"
)

// Internal, because scripts are not exported.
func TestScriptsTouchTheirDeclaredKeysOnly(t *testing.T) {
	t.Parallel()
	for _, source := range []string{createSource, writeSource, inboundSource, destroySource, pointSource, copiedSource, markSource, nameSource, dropSource, formsSource, makeKeySource, rewrapSource} {
		redistest.DeclaredKeysOnly(t, source)
	}
}
