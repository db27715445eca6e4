using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>A network loaded into ONNX Runtime.</summary>
public sealed class OrtSession : INetworkSession
{
    readonly InferenceSession _session;
    readonly RunOptions _runOptions = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    readonly string[] _inputNames;
    readonly string[] _outputNames;
    readonly string _model;
    readonly string _runtime;
    bool _isDisposed;

    /// <summary>Takes over a session of the runtime.</summary>
    /// <param name="session">Owned by the new object, also when it throws.</param>
    /// <param name="model">What to call the model in messages.</param>
    /// <param name="runtime">The runtime's name and version.</param>
    internal OrtSession(InferenceSession session, string model, string runtime)
    {
        _session = session;
        _model = model;
        _runtime = runtime;
        try
        {
            _inputNames = [.. session.InputNames];
            _outputNames = [.. session.OutputNames];
            Inputs = [.. _inputNames.Select(name => Signature("Input", name, session.InputMetadata[name]))];
            Outputs = [.. _outputNames.Select(name => Signature("Output", name, session.OutputMetadata[name]))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ValueSignature> Inputs { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ValueSignature> Outputs { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        InputCheck.Check(Inputs, inputs);
        using var pinned = new PinnedInputs(_inputNames, inputs);
        try
        {
            using var values = _session.Run(_runOptions, _inputNames, pinned.Values, _outputNames);
            var outputs = new Dictionary<string, Tensor>(_outputNames.Length);
            for (int i = 0; i < _outputNames.Length; i++) outputs[_outputNames[i]] = ManagedTensor.CopyOf(_outputNames[i], values[i]);
            return outputs;
        }
        catch (OnnxRuntimeException exception)
        {
            throw Failure(exception);
        }
    }

    /// <summary>Runs once and drops the outputs where they are: for measuring what a run takes.</summary>
    /// <exception cref="OnnxModelException">The inputs do not fit, or the runtime fails on them.</exception>
    internal void RunAndForget(IReadOnlyDictionary<string, Tensor> inputs)
    {
        InputCheck.Check(Inputs, inputs);
        using var pinned = new PinnedInputs(_inputNames, inputs);
        try
        {
            using var values = _session.Run(_runOptions, _inputNames, pinned.Values, _outputNames);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Failure(exception);
        }
    }

    /// <inheritdoc/>
    IPreparedRun INetworkSession.Prepare(IReadOnlyDictionary<string, Tensor> inputs) => Prepare(inputs);

    /// <summary>Binds inputs and preallocated outputs once, so that only the network itself is timed.</summary>
    /// <remarks>Runs the network once or twice to learn the shapes of its outputs. The inputs are copied.</remarks>
    /// <exception cref="OnnxModelException">The inputs do not fit, or the runtime fails on them.</exception>
    public OrtPreparedRun Prepare(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var outputs = Run(inputs);
        try
        {
            return OrtPreparedRun.Bind(this, _session, _runOptions, _inputNames.Select(name => (name, inputs[name])),
                _outputNames.Select(name => (name, outputs[name])));
        }
        catch (OnnxRuntimeException exception)
        {
            throw Failure(exception);
        }
    }

    /// <summary>What a failed run is called.</summary>
    internal OnnxModelException Failure(OnnxRuntimeException exception) =>
        new($"{_model} does not run: {RuntimeSentence.Of(exception.Message, _runtime)}", exception);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _runOptions.Dispose();
        _session.Dispose();
        FreeMemory.GiveBack();
    }

    ValueSignature Signature(string role, string name, NodeMetadata metadata)
    {
        if (!metadata.IsTensor)
        {
            throw new OnnxModelException(
                $"{_model} is refused: {role} '{name}' is a {ManagedTensor.KindOf(metadata.OnnxValueType)}, only dense tensors can be fed and read.");
        }

        long[] dimensions = [.. metadata.Dimensions.Select(dimension => (long)dimension)];
        return new ValueSignature(name, ManagedTensor.NumericType(name, metadata.ElementDataType), dimensions);
    }
}
