using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>A network with its inputs and outputs bound to native memory; a run allocates nothing on the managed side.</summary>
/// <remarks>Belongs to its session: dispose it first.</remarks>
public sealed class OrtPreparedRun : IPreparedRun
{
    readonly OrtSession _owner;
    readonly InferenceSession _session;
    readonly RunOptions _options;
    readonly OrtIoBinding _binding;
    readonly List<NativeTensor> _tensors = [];
    bool _isDisposed;

    OrtPreparedRun(OrtSession owner, InferenceSession session, RunOptions options)
    {
        _owner = owner;
        _session = session;
        _options = options;
        _binding = session.CreateIoBinding();
    }

    /// <summary>The outputs keep their places between runs. False where their shapes change from run to run: then the runtime allocates them.</summary>
    public bool HasFixedOutputs { get; private set; }

    /// <summary>Binds copies of the inputs, and outputs of the shapes seen in a first run.</summary>
    internal static OrtPreparedRun Bind(OrtSession owner, InferenceSession session, RunOptions options,
        IEnumerable<(string Name, Tensor Tensor)> inputs, IEnumerable<(string Name, Tensor Tensor)> outputs)
    {
        var prepared = new OrtPreparedRun(owner, session, options);
        try
        {
            foreach (var (name, tensor) in inputs) prepared._binding.BindInput(name, prepared.Keep(NativeTensor.Of(tensor)).Value);
            prepared.BindOutputs([.. outputs]);
            return prepared;
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="OnnxModelException">The runtime fails.</exception>
    public void Run()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        try
        {
            RunOnce();
        }
        catch (OnnxRuntimeException exception)
        {
            throw _owner.Failure(exception);
        }
    }

    // A shape that depends on chance or state: some run, often the second one, differs from the first.
    void RunOnce()
    {
        if (HasFixedOutputs && TryRun()) return;
        HasFixedOutputs = false;
        LeaveOutputsToRuntime();
        _session.RunWithBinding(_options, _binding);
    }

    bool TryRun()
    {
        try
        {
            _session.RunWithBinding(_options, _binding);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }

    /// <summary>Copies the outputs of the last run.</summary>
    /// <exception cref="OnnxModelException">An output is no dense tensor of numbers.</exception>
    public IReadOnlyDictionary<string, Tensor> ReadOutputs()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var outputs = new Dictionary<string, Tensor>();
        string[] names = _binding.GetOutputNames();
        using var values = _binding.GetOutputValues();
        for (int i = 0; i < names.Length; i++) outputs[names[i]] = ManagedTensor.CopyOf(names[i], values[i]);
        return outputs;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _binding.Dispose();
        foreach (var tensor in _tensors) tensor.Dispose();
    }

    void BindOutputs(IReadOnlyList<(string Name, Tensor Tensor)> outputs)
    {
        foreach (var (name, tensor) in outputs)
        {
            _binding.BindOutput(name, Keep(new NativeTensor(tensor.ElementType, [.. tensor.Dimensions])).Value);
        }

        HasFixedOutputs = true;
        RunOnce();
    }

    // Before each run: the binding takes what one run allocated for the place of the next one's output.
    void LeaveOutputsToRuntime()
    {
        _binding.ClearBoundOutputs();
        foreach (var output in _owner.Outputs) _binding.BindOutputToDevice(output.Name, OrtMemoryInfo.DefaultInstance);
    }

    NativeTensor Keep(NativeTensor tensor)
    {
        _tensors.Add(tensor);
        return tensor;
    }
}
