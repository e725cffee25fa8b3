// SPDX-License-Identifier: Apache-2.0

// kubeflow-controllers runs Kubeflow's own MPIJob and PyTorchJob controllers, without that project's validating
// webhook and its certificates, so that a test has real worker pods with real owners and labels.
//
//	KUBECONFIG=... kubeflow-controllers
package main

import (
	"log"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	kubeflow "github.com/kubeflow/training-operator/pkg/apis/kubeflow.org/v1"
	"github.com/kubeflow/training-operator/pkg/config"
	controllers "github.com/kubeflow/training-operator/pkg/controller.v1"
	"github.com/kubeflow/training-operator/pkg/controller.v1/common"
)

func main() {
	ctrl.SetLogger(zap.New())
	config.Config.MPIKubectlDeliveryImage = config.MPIKubectlDeliveryImageDefault
	config.Config.PyTorchInitContainerImage = config.PyTorchInitContainerImageDefault
	config.Config.PyTorchInitContainerMaxTries = config.PyTorchInitContainerMaxTriesDefault
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(kubeflow.AddToScheme(scheme))
	mgr, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, kind := range []string{kubeflow.MPIJobKind, kubeflow.PyTorchJobKind} {
		if err := controllers.SupportedSchemeReconciler[kind](mgr, common.GenNonGangSchedulerSetupFunc(), 1); err != nil {
			log.Fatal(kind, ": ", err)
		}
	}
	log.Fatal(mgr.Start(ctrl.SetupSignalHandler()))
}
