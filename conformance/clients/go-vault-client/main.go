// Calls every function of HashiCorp's clients by reflection. What comes back is compared on the wire, not here.
package main

import (
	"os"
	"reflect"
	"strings"
)

// What would end the script's own rights (two set another token for good) or the server's, streams, or waits.
var left = map[string]bool{
	"Seal": true, "StepDown": true, "StepDownLeader": true, "Initialize": true, "Init": true, "Monitor": true,
	"RaftAutopilotConfigurationWithDRToken": true, "RaftAutopilotStateWithDRToken": true, "PprofCpuProfile": true, "PprofExecutionTrace": true, "TokenRevokeSelf": true, "RevokeSelf": true,
}

// What makes things comes first, then what looks at them, then what takes them away.
func round(name string) int {
	for at, verbs := range [][]string{
		{"Delete", "Remove", "Disable", "Revoke", "Cancel", "Revert", "Tidy", "Destroy", "Remount", "Unmount", "Deregister"},
		{"Read", "List", "LookUp", "Lookup", "Query", "Status", "Get"},
	} {
		for _, verb := range verbs {
			if strings.Contains(name, verb) {
				return 2 - at
			}
		}
	}
	return 0
}

func main() {
	address := os.Getenv("BAO_ADDR")
	on := map[string]func(string) []any{"operations": operations, "programs": programs}[os.Args[1]](address)
	for _, of := range []pass{nothing, plausible, odd, nameless} {
		for now := range 3 {
			for _, one := range on {
				value := reflect.ValueOf(one)
				for at := range value.NumMethod() {
					if name := value.Type().Method(at).Name; !left[name] && round(name) == now && callable(value, name) {
						of.call(value, name)
					}
				}
			}
		}
	}
}

// callable: takes nothing that only a program can make, as readers and functions, and is not there twice.
func callable(on reflect.Value, name string) bool {
	kind := on.MethodByName(name).Type()
	for at := range kind.NumIn() {
		in := kind.In(at)
		if in.Kind() == reflect.Func || in.Kind() == reflect.Interface && in != contexts && in.NumMethod() > 0 {
			return false
		}
	}
	return !strings.HasSuffix(name, "WithContext")
}
