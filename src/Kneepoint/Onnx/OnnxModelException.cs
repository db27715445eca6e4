namespace Kneepoint.Onnx;

/// <summary>A model that cannot be used: the message says where, what was expected and what was found.</summary>
public sealed class OnnxModelException : Exception
{
    /// <summary>Makes the exception with its sentence.</summary>
    public OnnxModelException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with its sentence and what caused it.</summary>
    public OnnxModelException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
