using Kneepoint.Onnx;

namespace Kneepoint.Studies;

/// <summary>How much the outputs diverge for a unit of some error: measured by one change each, and kept in the study.</summary>
sealed class CurvatureSource(Subject subject, INamedBytes store, ExplorationSettings settings)
{
    readonly DivergencePass _divergence = new(subject, settings);
    readonly Lock _gate = new();
    int _measured;

    /// <summary>Divergence over error; 0 where the change does not move the outputs, or is not carried out by the runtime.</summary>
    /// <param name="what">One text for each change.</param>
    /// <param name="change">Makes a network with the change, and says how large its error is.</param>
    /// <param name="onProgress">Called once for each measurement.</param>
    /// <param name="cancellation">Ends it.</param>
    public double Of(string what, Func<(OnnxModel Network, double Error)> change, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        // Who else needs it waits, and finds it.
        lock (_gate) return Within(what, change, onProgress, cancellation);
    }

    double Within(string what, Func<(OnnxModel Network, double Error)> change, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        string key = $"curvature/{what}";
        if (store.Get(key) is { Length: sizeof(double) } known) return BitConverter.ToDouble(known);
        cancellation.ThrowIfCancellationRequested();
        var (network, error) = change();
        double curvature;
        try
        {
            double loss = _divergence.Of(network, cancellation).Loss;
            curvature = double.IsFinite(loss) && error > 0 ? Math.Max(0, loss / error) : 0;
        }
        catch (OnnxModelException)
        {
            curvature = 0;
        }

        store.Put(key, BitConverter.GetBytes(curvature));
        onProgress(new ExplorationProgress("curvature of layers", ++_measured, 0, what));
        return curvature;
    }
}
